"""Again: what the ledger shows decides what a file changes, not the bytes of the file alone."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import orjson
import pytest

from stocktrail.commands.scripts.reading import Row, read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.interfaces.importing import plan as plans
from stocktrail.interfaces.importing.run import run_import
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import script
from tests.interfaces.importing.scenes import changes, file_of, imported, notes, planned, stock_of

MONDAY = "sku,name,source,quantity\nLAMP,Lamp,east,10\nLAMP,Lamp,west,4\nSHADE,Shade,east,3\n"


def test_the_same_file_again_changes_nothing(ledger: Ledger) -> None:
    _, first = imported(ledger, MONDAY)
    assert (first.is_recorded, first.position) == (True, ledger.head().position)
    before = ledger.head().position
    found, outcome = imported(ledger, MONDAY)
    assert (len(found.plan), found.plan.unchanged, outcome.is_recorded) == (0, 2, True)
    assert ledger.head().position == before


def test_wednesday_s_file_with_monday_s_numbers_counts(ledger: Ledger) -> None:
    imported(ledger, MONDAY)
    imported(ledger, MONDAY.replace("east,10", "east,8"))           # Tuesday
    found, _ = imported(ledger, MONDAY)                             # Wednesday, the same bytes
    assert changes(found) == [("count", "LAMP", "east", "8", "10")]
    assert stock_of(ledger, "LAMP").on_hand == {"east": 10, "west": 4}


def test_what_was_shipped_since_counts_again(ledger: Ledger) -> None:
    imported(ledger, MONDAY)
    rows: list[dict[str, Any]] = [
        {"command": "place-order", "order": "SO-1", "customer": "ANNA",
         "lines": [{"sku": "LAMP", "quantity": 3}]},
        {"command": "ship-order", "order": "SO-1", "shipment": "S-1", "source": "east"},
    ]
    results = list(submit(ledger, read_json_lines(BytesIO(script(*rows)))))
    assert {result.status for result in results} == {"accepted"}
    assert changes(imported(ledger, MONDAY)[0]) == [("count", "LAMP", "east", "7", "10")]


def test_two_who_import_the_same_file_at_once_count_once(ledger: Ledger) -> None:
    one, other = (planned(ledger, MONDAY) for _ in range(2))

    def sent(rows: Iterable[Sequence[Row]], tries: bool) -> Iterable[Result]:
        return submit(ledger, rows, dry_run=tries)

    assert set(run_import(one.plan, sent).statuses) == {"accepted"}
    before = ledger.head().position
    assert set(run_import(other.plan, sent).statuses) == {"duplicate"}
    assert ledger.head().position == before


def test_the_commands_are_a_script_that_does_the_same(ledger: Ledger) -> None:
    found = planned(ledger, MONDAY)
    lines = list(found.plan.lines())
    assert orjson.loads(lines[-1]) == {
        "command": "count-stock", "id": orjson.loads(lines[-1])["id"], "group": "import-1",
        "sku": "SHADE", "counted": 3, "source": "east", "reason": "import of shop.csv, row 4",
    }
    results = list(submit(ledger, read_json_lines(BytesIO(b"\n".join(lines)))))
    assert {result.status for result in results} == {"accepted"}
    assert imported(ledger, MONDAY)[0].plan.unchanged == 2


def test_a_large_plan_goes_on_where_it_ended(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "MAX_GROUP", 20)
    monkeypatch.setattr(plans, "ROWS_OF_A_LARGE_PLAN", 7)
    file = "sku,quantity\n" + "".join(f"SKU-{number:02},{number}\n" for number in range(20))
    found = planned(ledger, file)
    groups = list(found.plan.rows())
    assert [len(rows) for rows in groups] == [6, 6, 6, 6, 6, 6, 4]  # no item is torn apart
    for rows in groups[:3]:                                         # and then the machine stops
        list(submit(ledger, [rows]))
    again, outcome = imported(ledger, file)
    assert (again.plan.unchanged, len(again.plan), outcome.is_recorded) == (9, 22, True)
    assert stock_of(ledger, "SKU-19").on_hand == {"default": 19}


def test_a_wrong_row_keeps_the_item_back_and_a_repaired_file_goes_through(ledger: Ledger) -> None:
    found, _ = imported(ledger, "sku,quantity\nA,1\nB,one\nC,2\nC,3\n")
    assert [(error.code, error.rows) for error in found.findings.errors] == [
        ("bad_number", [3]), ("ambiguous_sku", [5]),
    ]
    assert {change[1] for change in changes(found)} == {"A"}
    found, outcome = imported(ledger, "sku,quantity\nA,1\nB,1\nC,2\nC,2\n")
    assert {change[1] for change in changes(found)} == {"B", "C"}
    assert (notes(found), outcome.is_recorded) == ({"repeated_sku": [5]}, True)


def test_rows_of_shelves_add_up_where_somebody_says_so(ledger: Ledger) -> None:
    shelves = file_of("sku,source,quantity\nA,east,3\nA,west,1\nA,east,4\nA,east,3\n")
    assert planned(ledger, shelves).findings.wrong_rows == 1
    found, _ = imported(ledger, shelves._replace(adds_up=True))
    assert (notes(found), stock_of(ledger, "A").on_hand) == ({}, {"east": 10, "west": 1})


def test_what_the_ledger_refuses_leaves_nothing_and_can_be_repaired(ledger: Ledger) -> None:
    imported(ledger, "sku,quantity\nA,1.5\n")
    bad = "sku,quantity,decimal\nA,1.5,no\nB,1,no\n"
    before = ledger.head().position
    _, outcome = imported(ledger, bad)
    assert [(each.planned.row, each.code) for each in outcome.refused] == [
        (2, "decimal_not_allowed")
    ]
    assert ledger.head().position == before
    _, outcome = imported(ledger, bad.replace("A,1.5,no", "A,1.5,yes"))
    assert (outcome.is_recorded, stock_of(ledger, "B").on_hand) == (True, {"default": 1})


def test_whoever_is_forestalled_sends_the_file_again(ledger: Ledger) -> None:
    imported(ledger, "sku,quantity\nA,1.5\n")
    file = "sku,quantity\nA,2.5\nB,1\n"
    whole = script(
        {"command": "count-stock", "sku": "A", "counted": 1},
        {"command": "register-product", "sku": "A", "decimal": False},
    )

    def forestalled(rows: Iterable[Sequence[Row]], tries: bool) -> Iterable[Result]:
        if not tries:                    # between the try and the record A becomes whole
            list(submit(ledger, read_json_lines(BytesIO(whole))))
        return submit(ledger, rows, dry_run=tries)

    outcome = run_import(planned(ledger, file).plan, forestalled)
    assert [each.code for each in outcome.refused] == ["decimal_not_allowed"]
    _, outcome = imported(ledger, file)
    assert (outcome.is_recorded, stock_of(ledger, "B").on_hand) == (True, {"default": 1})
