"""The portable log: exported and imported, on either database, into an identical ledger."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workload import script
from fuzzing.sealed_rows import sealed_export
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.portable.exporting import export_log
from stocktrail.ledger.store.portable.importing import import_log
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.commands import random_commands as drawn
from tests.store.shop import table

DEEDS: tuple[dict[str, Any], ...] = (
    {"command": "register-product", "sku": "A", "name": "Ångström \"wide\"", "id": "c-1"},
    {"command": "receive-stock", "sku": "A", "quantity": "2.5", "id": "c-2", "actor": "ann"},
    {"command": "receive-stock", "sku": "A", "quantity": 5, "id": "c-3",
     "occurred_at": "2020-02-29T23:59:59.999999Z", "correlation_id": "x"},
    {"command": "place-order", "order": "SO-1", "customer": "C", "id": "c-4",
     "lines": [{"sku": "A", "quantity": 3}]},
    {"command": "place-order", "order": "SO-2", "customer": "C", "id": "c-5",
     "lines": [{"sku": "A", "quantity": 3000}]},
)


def run(ledger: Ledger, *rows: dict[str, Any]) -> list[str]:
    """Submit commands and give their statuses."""
    return [result.status for result in submit(ledger, read_json_lines(script(rows)))]


def exported(ledger: Ledger, **asked: Any) -> bytes:
    """Export a log to memory."""
    output = BytesIO()
    export_log(ledger, output, **asked)
    return output.getvalue()


@pytest.fixture
def busy(ledger: Ledger) -> Ledger:
    """Return a ledger with a little history: four commands accepted, one refused."""
    assert run(ledger, *DEEDS) == ["accepted", "rejected", "accepted", "accepted", "rejected"]
    return ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Return an empty ledger on either database."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("other_postgres_url")
    with open_ledger(url) as opened:
        yield opened


def rows_of(ledger: Ledger) -> tuple[Any, ...]:
    """Return everything that is stored of a log, its seal included."""
    log = ledger.sealed_log
    head = log.head()
    return (
        head, log.rows(0, 10_000, 10_000), ledger.head(), log.nodes(8, 0, 100),
        table(ledger.url, "SELECT stream, version, sequence, place FROM stream_index "
              "ORDER BY stream, version"),
    )


def test_an_imported_ledger_is_identical(busy: Ledger, empty: Ledger) -> None:
    header = import_log(empty, BytesIO(exported(busy)))
    assert rows_of(empty) == rows_of(busy)
    position, root = busy.root()
    assert (header.events, header.commands, header.root) == (position, 5, root.hex())
    assert exported(empty) == exported(busy)
    assert verify(ReadModels(empty)).exit_status == 0


def test_the_ledger_goes_on_where_the_first_one_was(busy: Ledger, empty: Ledger) -> None:
    import_log(empty, BytesIO(exported(busy)))
    assert run(empty, DEEDS[3], DEEDS[4]) == run(busy, DEEDS[3], DEEDS[4])
    assert rows_of(empty) == rows_of(busy)
    ship = {"command": "ship-order", "order": "SO-1", "shipment": "S-1"}
    assert run(empty, ship) == ["accepted"]
    assert empty.head().position > busy.head().position


def test_only_an_empty_ledger_takes_a_log(busy: Ledger) -> None:
    before = rows_of(busy)
    with pytest.raises(Refusal, match="only be imported into an empty ledger") as refused:
        import_log(busy, BytesIO(exported(busy)))
    assert refused.value.code == "ledger_not_empty"
    assert rows_of(busy) == before


def test_refused_commands_alone_make_a_ledger_that_is_not_empty(ledger: Ledger) -> None:
    log = exported(ledger)
    assert run(ledger, {**DEEDS[0], "expected_version": 1}) == ["rejected"]
    with pytest.raises(Refusal, match="empty ledger"):
        import_log(ledger, BytesIO(log))


def test_an_empty_log_is_imported_too(ledger: Ledger, empty: Ledger) -> None:
    import_log(empty, BytesIO(exported(ledger)))
    assert rows_of(empty) == rows_of(ledger)


def changed(line: bytes, **fields: Any) -> bytes:
    """Write other values into a line."""
    return json.dumps(json.loads(line) | fields).encode() + b"\n"


Breaks = Callable[[list[bytes]], list[bytes]]

BREAKAGES: dict[str, tuple[int | None, Breaks]] = {
    "not JSON": (3, lambda lines: [*lines[:2], b"oops\n", *lines[3:]]),
    "cut in a line": (4, lambda lines: [*lines[:3], lines[3][:40]]),
    "cut between lines": (4, lambda lines: lines[:3]),
    "a line is gone": (3, lambda lines: [*lines[:2], *lines[3:]]),
    "the last row is gone": (None, lambda lines: lines[:-1]),
    "lines swapped": (2, lambda lines: [lines[0], lines[2], lines[1], *lines[3:]]),
    "an actor changed": (3, lambda lines: [
        *lines[:2], changed(lines[2], actor="eve"), *lines[3:]]),
    "a payload changed": (2, lambda lines: [
        lines[0], lines[1].replace(b'"name":', b'"title":', 1), *lines[2:]]),
    "a time changed": (2, lambda lines: [
        lines[0], changed(lines[1], recorded_at="2020-01-01T00:00:00Z"), *lines[2:]]),
    "a field missing": (2, lambda lines: [lines[0], b'{"row":1}\n', *lines[2:]]),
    "a payload missing": (2, lambda lines: [
        lines[0], lines[1].replace(b'"result":{},', b""), *lines[2:]]),
    "a payload twice": (2, lambda lines: [
        lines[0], lines[1].replace(b'"result":', b'"result_base64":"e30=","result":'),
        *lines[2:]]),
    "an unknown field": (2, lambda lines: [lines[0], changed(lines[1], more=1), *lines[2:]]),
    "an unknown status": (2, lambda lines: [
        lines[0], changed(lines[1], status="sold"), *lines[2:]]),
    "a number too large": (2, lambda lines: [
        lines[0], changed(lines[1], last_position=2**63), *lines[2:]]),
    "another root": (None, lambda lines: [
        changed(lines[0], root="00" * 32), *lines[1:]]),
    "no header": (1, lambda lines: lines[1:]),
    "a later version": (1, lambda lines: [changed(lines[0], version=99), *lines[1:]]),
    "nothing at all": (1, lambda lines: []),
    "something after its end": (None, lambda lines: [*lines, lines[-1]]),
    "a header nested too deeply": (1, lambda lines: [b'{"a":' + b"[" * 100_000, *lines]),
    "a row nested too deeply": (2, lambda lines: [lines[0], b'{"a":' + b"[" * 100_000]),
    "binary": (1, lambda lines: [bytes(range(256))]),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_broken_file_is_refused_with_its_line(
    busy: Ledger, tmp_path: Path, breakage: str
) -> None:
    number, breaks = BREAKAGES[breakage]
    lines = exported(busy).splitlines(keepends=True)
    with open_ledger(f"sqlite:///{tmp_path / 'new.db'}") as new:
        with pytest.raises(Refusal) as refused:
            import_log(new, BytesIO(b"".join(breaks(lines))), "shop.jsonl")
        assert refused.value.code == "bad_export"
        assert refused.value.details["line"] == (number or refused.value.details["line"])
        assert f"shop.jsonl, line {refused.value.details['line']}: " in refused.value.message
        assert new.head() == (0, 0, 0)
        import_log(new, BytesIO(b"".join(lines)))


@pytest.mark.parametrize("number", ["version", "recorded_at"])
def test_a_row_whose_numbers_no_database_holds_is_refused_though_it_is_sealed(
    empty: Ledger, number: str
) -> None:
    entry = {"stream": "stock/A", "version": 1, "type": "StockReceived.v1", "data": {}}
    events = json.dumps([entry | {number: 2**63}]).encode()
    row = CommandRow(1, 1, 1, 5, 6, "c-1", b"f", "accepted", b"{}", b"{}", events)
    with pytest.raises(Refusal, match="line 2: one of its numbers is too large"):
        import_log(empty, BytesIO(sealed_export([row])))
    assert empty.head() == (0, 0, 0)


def test_an_import_that_fails_late_leaves_nothing(busy: Ledger, empty: Ledger) -> None:
    lines = exported(busy).splitlines(keepends=True)
    with pytest.raises(Refusal):
        import_log(empty, BytesIO(b"".join(lines[:-1])))
    assert empty.head() == (0, 0, 0)
    import_log(empty, BytesIO(b"".join(lines)))
    assert rows_of(empty) == rows_of(busy)


def test_a_damaged_log_is_not_exported(busy: Ledger) -> None:
    from tests.projections.shop import Shop

    Shop(busy).tamper_with_log("UPDATE commands SET actor = 'eve' WHERE first_position = 2")
    with pytest.raises(StorageError, match="position 2") as failed:
        exported(busy)
    assert failed.value.code == "ledger_damaged"


@settings(max_examples=10)
@given(st.lists(
    st.one_of(drawn.orders, drawn.stock, drawn.places, drawn.rules, drawn.good_placing),
    min_size=1, max_size=25,
))
def test_whatever_happened_is_imported_as_it_was(rows: list[dict[str, Any]]) -> None:
    with (
        TemporaryDirectory() as folder,
        open_ledger(f"sqlite:///{Path(folder) / 'one.db'}") as one,
        open_ledger(f"sqlite:///{Path(folder) / 'other.db'}") as other,
    ):
        run(one, *drawn.OPENING, *rows)
        import_log(other, BytesIO(exported(one)))
        assert rows_of(other) == rows_of(one)
