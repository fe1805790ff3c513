"""A small shop on a ledger: scripts as they are sent, and what must be true of every log."""

import io
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import is_kept
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.outcome import JUDGED_AT
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address

Command = dict[str, Any]


class Trickle(io.BytesIO):
    """A script that arrives a few bytes at a time, so that it is recorded in many commits."""

    def __init__(self, script: bytes, at_once: int) -> None:
        super().__init__(script)
        self.at_once = at_once

    def read1(self, size: int | None = -1) -> bytes:
        """Return the next few bytes, whatever was asked for."""
        return super().read1(self.at_once)


def script(commands: Iterable[Command]) -> bytes:
    """Write commands as JSON Lines."""
    return b"".join(json.dumps(command).encode() + b"\n" for command in commands)


def send(
    ledger: Ledger, commands: Iterable[Command] | bytes, *, at_once: int = 1 << 18, **options: Any
) -> list[Result]:
    """Send commands to a ledger, as a script is sent, and give their results."""
    written = commands if isinstance(commands, bytes) else script(commands)
    return list(submit(ledger, read_json_lines(Trickle(written, at_once)), **options))


def statuses(results: Iterable[Result]) -> list[str]:
    """Return the statuses alone."""
    return [result.status for result in results]


def stocked(*skus: str, quantity: int = 100) -> list[Command]:
    """Register items and put units of each on hand."""
    registered: list[Command] = [
        {"command": "register-product", "sku": sku, "id": f"register-{sku}"} for sku in skus
    ]
    return registered + [
        {"command": "receive-stock", "sku": sku, "quantity": quantity, "id": f"receive-{sku}"}
        for sku in skus
    ]


def order(name: str, *skus: str, quantity: int = 1, **fields: Any) -> Command:
    """Order some units of each item; the order's name is its id too, unless ``id`` is None."""
    lines = [{"sku": sku, "quantity": quantity} for sku in skus]
    command = {
        "command": "place-order", "order": name, "customer": "C-1", "lines": lines, "id": name,
        **fields,
    }
    return {field: value for field, value in command.items() if value is not None}


def sold(ledger: Ledger, sku: str) -> float:
    """Count the units of an item that orders claim."""
    stock = ledger.aggregate(ProductStock.stream_of(sku))
    assert isinstance(stock, ProductStock)
    return to_number(stock.demand.get("default", 0))


def table(url: str, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Read from the database as an auditor would, without any of our code."""
    if is_postgres_url(url):
        address = postgres_address(url)
        with psycopg.connect(make_conninfo("", **address.connection)) as server:
            server.execute(f'SET search_path TO "{address.schema}"'.encode())
            return server.execute(query.encode(), parameters or None).fetchall()
    with closing(sqlite3.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True)) as connection:
        return connection.execute(query, parameters).fetchall()


def events_of(url: str) -> list[tuple[Any, ...]]:
    """Return what the log says, without its times."""
    return table(
        url, "SELECT position, stream, version, type, CAST(data AS TEXT), command_id FROM events "
        "ORDER BY position",
    )


def outcomes_of(url: str) -> list[tuple[Any, ...]]:
    """Return every outcome in the order in which it was decided."""
    return table(
        url, "SELECT command_id, fingerprint, status, first_position, last_position, body, result "
        "FROM commands WHERE command_id IS NOT NULL ORDER BY sequence",
    )


def timeless_outcomes_of(url: str) -> list[tuple[Any, ...]]:
    """Return every outcome without the time at which a refusal was judged."""
    return [
        (*row, {name: value for name, value in json.loads(result).items() if name != JUDGED_AT})
        for *row, result in outcomes_of(url)
    ]


def assert_log_is_sound(url: str) -> int:
    """See that the log holds together, and give its last position.

    Positions are 1..H without a gap, times strictly increase, versions of every stream are 1, 2, 3
    in order of position and indexed, rows are numbered without a gap, the head says where the log
    ends, and every event stands within the outcome of its command.
    """
    rows = table(
        url, "SELECT position, recorded_at, stream, version, command_id FROM events "
        "ORDER BY position",
    )
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    times = [row[1] for row in rows]
    assert all(earlier < later for earlier, later in pairwise(times))
    versions: dict[str, int] = {}
    for _, _, stream, version, _ in rows:
        assert version == versions.get(stream, 0) + 1, stream
        versions[stream] = version
    assert sorted(row[2:4] for row in rows) == table(
        url, "SELECT stream, version FROM stream_index ORDER BY stream, version"
    )
    [(position, recorded_at, sequence)] = table(
        url, "SELECT position, recorded_at, sequence FROM ledger_head"
    )
    assert position == (rows[-1][0] if rows else 0)
    known = table(
        url, "SELECT sequence, recorded_at, last_position - first_position FROM commands "
        "ORDER BY sequence",
    )
    assert [each[0] for each in known] == list(range(1, sequence + 1))
    assert recorded_at == max((at + more for _, at, more in known), default=0)
    by_command: dict[str, list[int]] = {}
    for at, _, _, _, command_id in rows:
        if command_id is not None:               # it was not stored by the library's own `save`
            by_command.setdefault(command_id, []).append(at)
    recorded = {}
    for command_id, _, status, first, last, *_ in outcomes_of(url):
        recorded[command_id] = list(range(first, last + 1)) if status == "accepted" else []
        assert last <= position, f"{command_id} names a position beyond the log"
    assert {id_: places for id_, places in recorded.items() if places} == by_command
    return int(position)


def assert_answers_are_recorded(url: str, answers: Iterable[dict[str, Any]]) -> None:
    """See that whatever was answered is what the log says of that command.

    A refusal that names what was not known is not kept, nor is the group that failed with it; they
    may have been sent again since, and judged anew.
    """
    recorded = {row[0]: row for row in outcomes_of(url)}
    answers = list(answers)
    not_kept = {
        each["line"] for each in answers
        if each["status"] == "rejected" and not is_kept({"code": each["code"], **each["details"]})
    }
    for answer in answers:
        refused = answer["status"] in ("rejected", "group_failed")
        if refused and answer["details"].get("failed_line", answer["line"]) in not_kept:
            continue
        outcome = recorded[answer["id"]]
        if answer["status"] in ("accepted", "duplicate"):
            assert (outcome[2], outcome[4]) == ("accepted", answer["position"]), answer
            assert [event["position"] for event in answer["events"]] == list(
                range(outcome[3], outcome[4] + 1)
            ), answer
        else:
            assert outcome[2] == answer["status"], answer
            assert answer["code"] == json.loads(outcome[6]).get("code", "group_failed"), answer


def beside(path: Path) -> list[str]:
    """Return what lies in the folder of a file."""
    return sorted(each.name for each in path.parent.iterdir())


def numbered(name: str, count: int) -> Iterator[str]:
    """Return names with numbers: ``SO-1``, ``SO-2`` ..."""
    return (f"{name}-{number}" for number in range(1, count + 1))
