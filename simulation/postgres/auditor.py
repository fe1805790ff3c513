"""An auditor beside the writers: reads the log over a connection of its own after every step.

Whatever was answered must stand in the log, and stay as it is; every row must be what the reference
shop does with the same commands in the same order.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from datetime import date
from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo

from simulation.postgres.workload import Numbered, Unit
from stocktrail.commands.scripts.results import Result
from stocktrail.ledger.refusal import is_kept
from stocktrail.ledger.store.postgres_address import postgres_address
from tests.reference.counter import Counter as ShopCounter
from tests.reference.shop import Known, PlainShop, Refused

TODAY = date(2026, 3, 1)
"""The day of the clock that the writers have."""


class LogRow(NamedTuple):
    """One row of the log, with a digest of everything that stands in it."""

    sequence: int
    command_id: str | None
    status: str
    first_position: int
    last_position: int
    code: str | None
    digest: str


_ROWS = """
SELECT sequence, command_id, status, first_position, last_position,
    convert_from(result, 'UTF8')::json ->> 'code', md5(c::text)
FROM commands c ORDER BY sequence
"""
_HEAD = "SELECT sequence, position FROM ledger_head"


class Auditor:
    """Knows what was sent and what was answered, and the log as it stood at the last audit."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._sent: dict[str, tuple[Unit, Numbered]] = {}
        self._answers: list[tuple[str, Result]] = []
        self._recorded_now: set[str] = set()
        self._denied: set[str] = set()
        self._found: dict[str, LogRow] = {}
        self.rows: list[LogRow] = []
        self.shop = PlainShop()
        self._counter = ShopCounter(self.shop, TODAY)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # ------------------------------------------------------------------ what the writers tell

    def sends(self, units: Iterable[Unit]) -> None:
        """Take note of what is about to be sent; of an id that is used twice the first use."""
        for unit in units:
            for each in unit:
                self._sent.setdefault(each.id, (unit, each))
                self._denied.discard(each.id)

    def answered(self, results: Sequence[Result]) -> None:
        """Take note of what was answered.

        A refusal that names what was not known yet is not kept, nor is the group that failed with
        it: both are judged again when they are sent again.
        """
        refused = [result for result in results if result.status == "rejected"]
        not_kept = {
            result.line for result in refused
            if not is_kept({"code": result.code, **result.details})
        }
        self._answers += [
            (str(result.id), result) for result in results
            if result.details.get("failed_line", result.line) not in not_kept
        ]

    def denied(self, units: Iterable[Unit]) -> None:
        """Take note of what failed for good, as its error says, and nobody else is sending."""
        ids = {each.id for unit in units for each in unit}
        self._denied |= ids.difference(self._found)

    def is_recorded(self, command_id: str) -> bool:
        """Return whether an outcome stood in the log at the last audit."""
        return command_id in self._found

    # ------------------------------------------------------------------ audits

    def audit(self) -> None:
        """Check the whole log, and all that was answered since the last audit."""
        rows, head = self._read()
        assert rows[: len(self.rows)] == self.rows, "what was in the log has changed"
        new = rows[len(self.rows) :]
        self._check_order(rows, head)
        self.rows = rows
        for row in new:
            if row.status != "part":
                assert row.command_id is not None
                assert row.command_id not in self._found, f"two outcomes of {row.command_id}"
                assert row.command_id not in self._denied, f"{row.command_id} is recorded after all"
                self._found[row.command_id] = row
        for row in new:
            self._compare_with_shop(row)
        answers, self._answers = self._answers, []
        for command_id, result in answers:
            self._check_answer(command_id, result)

    def _read(self) -> tuple[list[LogRow], tuple[int, int]]:
        if self._connection is None or self._connection.closed:
            address = postgres_address(self._url)
            self._connection = psycopg.connect(make_conninfo("", **address.connection))
            self._connection.execute(f'SET search_path TO "{address.schema}"'.encode())
            self._connection.commit()
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            rows = [LogRow._make(row) for row in self._connection.execute(_ROWS)]
            [head] = self._connection.execute(_HEAD).fetchall()
        return rows, (head[0], head[1])

    def _check_order(self, rows: Sequence[LogRow], head: tuple[int, int]) -> None:
        position = 0
        for number, row in enumerate(rows, start=1):
            assert row.sequence == number, f"row {number} is missing"
            assert row.first_position == position + 1, f"row {number} leaves positions out"
            assert row.last_position >= position, row
            position = row.last_position
        assert head == (len(rows), position), "the head names another end of the log"

    # ------------------------------------------------------------------ the reference shop

    def _compare_with_shop(self, row: LogRow) -> None:
        if row.status in ("part", "group_failed"):
            return
        unit, sent = self._sent[str(row.command_id)]
        counter = self._counter
        if row.status == "rejected" and len(unit) > 1:
            # It was judged after those before it in its group, which were taken back with it.
            counter = deepcopy(counter)
            for earlier in unit[: unit.index(sent)]:
                _take(counter, earlier)
        refused = _take(counter, sent)
        if row.status == "accepted":
            assert refused == (), (row, sent, refused)
        else:
            assert row.code in (refused or ()), (row, sent, refused)

    # ------------------------------------------------------------------ answers

    def _check_answer(self, command_id: str, result: Result) -> None:
        row = self._found.get(command_id)
        if result.status == "conflict":
            assert row is not None, f"{command_id} conflicts with what is not recorded"
        elif result.status in ("accepted", "duplicate"):
            self._check_recorded(command_id, result, row)
        elif result.status == "rejected":
            assert row is not None, f"the refusal of {command_id} is not kept"
            assert (row.status, row.code) == ("rejected", result.code), (row, result)
            assert row.last_position == result.position, (row, result)
        elif result.status == "group_failed":
            assert row is None or row.status == "group_failed", (row, result)

    def _check_recorded(self, command_id: str, result: Result, row: LogRow | None) -> None:
        if row is None:                          # its business id was known with the same content
            assert result.status == "duplicate", f"{command_id} was accepted, and is lost"
            _, sent = self._sent[command_id]
            assert _take(self._counter, sent) is None, (sent, "was not known")
            return
        assert row.status == "accepted", (row, result)
        assert row.last_position == result.position, (row, result)
        assert [event["position"] for event in result.events] == list(
            range(row.first_position, row.last_position + 1)
        ), (row, result)
        if result.status == "accepted":
            assert command_id not in self._recorded_now, f"{command_id} was accepted twice"
            self._recorded_now.add(command_id)


def _take(counter: ShopCounter, sent: Numbered) -> tuple[str, ...] | None:
    """Let the shop take a command: ``()`` when it did, codes when not, ``None`` if it knew it."""
    try:
        counter.take({**sent.wish, "id": sent.id})
    except Refused as refused:
        return refused.codes
    except Known:
        return None
    return ()
