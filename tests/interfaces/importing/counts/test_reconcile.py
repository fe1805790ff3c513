"""A count from a file beside the ledger: what differs, why it may, and what is recorded of it."""

from typing import Any

import pytest

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit, submit_one
from stocktrail.interfaces.importing.counts.count_list import CountFile
from stocktrail.interfaces.importing.counts.reconciliation import Reconciliation, reconciled
from stocktrail.interfaces.importing.run import run_import
from stocktrail.ledger.instant import parse_moment
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.timeline import KEPT
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels

FRIDAY = parse_moment("2026-11-27T18:00:00Z")


class StockRoom:
    """A ledger in which lamps were counted, received and broken, and the lists of who counts."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        for sku in ("LAMP", "BULB", "VASE"):
            self.send("register-product", sku=sku, day=1)
        self.send("count-stock", sku="LAMP", counted=10, actor="ANNA", day=1)
        self.send("receive-stock", sku="LAMP", quantity=5, actor="BOB", day=3)
        self.send("adjust-stock", sku="LAMP", delta=-1, reason="broken", actor="EVE", day=4)
        self.send("receive-stock", sku="BULB", quantity=3, day=5)
        self.send("receive-stock", sku="VASE", quantity=2, day=5)
        self.send("receive-stock", sku="LAMP", quantity=20, actor="BOB", day=29)

    def send(self, command: str, *, day: int, **fields: Any) -> None:
        """Submit a command about a day of November."""
        body = {"occurred_at": f"2026-11-{day:02}T08:00:00Z", **fields}
        submit_one(self.ledger, COMMANDS[command].model_validate(body)).raise_for_status()

    def beside(self, text: str, **about: Any) -> Reconciliation:
        """Compare a list with the ledger."""
        models = ReadModels(self.ledger)
        models.catch_up()
        return reconciled(CountFile(text.encode(), "count.csv", **about), models)

    def record(self, found: Reconciliation) -> None:
        """Record what was counted."""
        assert run_import(
            found.plan, lambda rows, tries: submit(self.ledger, rows, dry_run=tries)
        ).is_recorded

    def on_hand(self, sku: str) -> int | float:
        """Return how many there are now."""
        stock: Any = self.ledger.aggregate(f"stock/{sku}")
        return to_number(stock.on_hand["default"])


@pytest.fixture
def room(ledger: Ledger) -> StockRoom:
    """Return a stock room; each scene runs on both databases."""
    return StockRoom(ledger)


def differences(found: Reconciliation) -> dict[str, tuple[int | float, ...]]:
    return {
        each.item.sku: tuple(map(to_number, (each.expected, each.item.counted, each.difference)))
        for each in found.differences
    }


def test_a_count_is_compared_with_what_there_was_then_and_says_what_moved(room: StockRoom) -> None:
    found = room.beside("Item,Counted,Counted by\nLAMP,13,ZOE\nBULB,3,ZOE\n", counted_at=FRIDAY)
    assert differences(found) == {"LAMP": (14, 13, -1)}, "20 came on Sunday, and are no difference"
    (lamp,) = found.differences
    models = ReadModels(room.ledger)
    moves = lamp.moves(models)
    assert moves.last_count is not None
    assert (moves.last_count["quantity_after"], moves.last_count["actor"]) == (10, "ANNA")
    assert [(row["delta"], row["cause"], row["actor"]) for row in moves.before] == [
        (5, "receipt", "BOB"), (-1, "broken", "EVE"),
    ]
    assert (to_number(moves.moved_after), to_number(lamp.on_hand + lamp.gained)) == (20, 33)
    assert [(each.sku, to_number(each.on_hand)) for each in found.uncounted] == [("VASE", 2)]
    room.record(found)
    assert room.on_hand("LAMP") == 33
    again = room.beside("Item,Counted,Counted by\nLAMP,13,ZOE\nBULB,3,ZOE\n", counted_at=FRIDAY)
    assert (len(again.plan), again.plan.unchanged, again.differences) == (0, 2, [])


def test_a_count_of_now_is_known_until_something_moves(room: StockRoom) -> None:
    counted = "sku,counted\nLAMP,30\n"
    room.record(room.beside(counted))
    assert room.beside(counted).plan.unchanged == 1
    room.send("receive-stock", sku="LAMP", quantity=4, day=29)
    assert room.beside(counted).plan.unchanged == 1, "it had come before the count, which stands"
    room.send("adjust-stock", sku="LAMP", delta=-2, reason="broken", day=30, occurred_at=None)
    found = room.beside(counted)
    assert differences(found) == {"LAMP": (28, 30, 2)}, "and on Wednesday Monday's number counts"
    room.record(found)
    assert room.on_hand("LAMP") == 30


def test_what_is_not_listed_is_left_or_taken_for_gone(room: StockRoom) -> None:
    listed = "sku,counted\nLAMP,34\nBULB,\n"
    left = room.beside(listed)
    assert [each.sku for each in left.uncounted] == ["BULB", "VASE"], "no number is not none"
    room.record(room.beside(listed, rest_is_nothing=True))
    assert [room.on_hand(sku) for sku in ("LAMP", "BULB", "VASE")] == [34, 0, 0]


def test_one_item_on_two_rows_is_two_shelves_only_if_somebody_says_so(room: StockRoom) -> None:
    shelves = "sku,counted\nLAMP,30\nBULB,3\nLAMP,4\n"
    found = room.beside(shelves)
    assert [(each.code, each.rows) for each in found.findings.errors] == [("counted_twice", [4])]
    assert not room.beside(shelves, add_up=True).differences


def test_what_cannot_be_a_count_is_named_with_its_row(room: StockRoom) -> None:
    found = room.beside("sku,counted,source\nNIX,1,\nLAMP,-1,\nBULB,few,\nVASE,1.5,\n,7,\n"
                        "BULB,3,harbour\n")
    assert [(each.code, each.rows) for each in found.findings.errors] == [
        ("negative", [3]), ("bad_number", [4]), ("unknown_sku", [2]),
    ]
    assert [(each.code, each.rows) for each in found.findings.notes] == [("no_sku", [6])]
    assert [(each.planned.row, each.code) for each in found.refused] == [
        (5, "decimal_not_allowed"), (7, "unknown_source"),
    ]


def test_a_count_is_known_by_its_moment_however_much_has_moved_since(room: StockRoom) -> None:
    counted = "sku,counted\nBULB,2\n"
    room.record(room.beside(counted, counted_at=FRIDAY))
    for _ in range(KEPT + 1):
        room.send("receive-stock", sku="BULB", quantity=1, day=29)
    again = room.beside(counted, counted_at=FRIDAY)
    assert (again.plan.unchanged, again.differences) == (1, [])
    room.record(again)
    assert room.on_hand("BULB") == 2 + KEPT + 1
