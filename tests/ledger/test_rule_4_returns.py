"""Rule 4.10: without a source units go back to those they were shipped from, last first."""

from collections.abc import Sequence

import pytest

from stocktrail.ledger.orders.events import LineOutcome, LineRefunded, OrderRefunded
from stocktrail.ledger.orders.returns import LineMoves, MovedUnits, moves_of, places_to_return_to
from tests.ledger.facts import Number, received, shipped, shipped_unmanaged, units

Place = tuple[str | None, int]


def moves(*places: Place) -> list[MovedUnits]:
    return [MovedUnits(source, units(quantity)) for source, quantity in places]


@pytest.mark.parametrize(
    ("left", "came_back", "quantity", "goes_to"),
    [
        ([("east", 5)], [], 2, [("east", 2)]),
        ([("east", 2), ("west", 3)], [], 3, [("west", 3)]),
        ([("east", 2), ("west", 3)], [], 4, [("west", 3), ("east", 1)]),
        ([("east", 2), ("west", 3)], [("west", 1)], 4, [("west", 2), ("east", 2)]),
        ([("east", 2), ("west", 3)], [("east", 2)], 3, [("west", 3)]),
        ([("east", 2), ("west", 3)], [("north", 2)], 3, [("west", 3)]),
        ([("east", 2), ("west", 3)], [("east", 4)], 1, [("west", 1)]),
        ([("east", 2), ("west", 3), ("east", 1)], [], 6, [("east", 3), ("west", 3)]),
        ([("east", 2), ("west", 3), ("east", 1)], [("east", 2)], 4, [("west", 3), ("east", 1)]),
        ([("east", 2), (None, 3)], [], 4, [(None, 3), ("east", 1)]),
        ([("east", 2), (None, 3)], [(None, 3)], 1, [("east", 1)]),
        ([], [], 1, []),
    ],
)
def test_what_left_last_goes_back_first_and_never_more_than_left(
    left: Sequence[Place], came_back: Sequence[Place], quantity: Number,
    goes_to: Sequence[Place],
) -> None:
    found = places_to_return_to(moves(*left), moves(*came_back), units(quantity))
    assert found == moves(*goes_to)


def refunded(order: str, *parts: tuple[int, Number, LineOutcome, str | None]) -> OrderRefunded:
    return OrderRefunded(order=order, refund="R-1", status="complete", content="", lines=tuple(
        LineRefunded(line=line, sku="A", quantity=units(quantity), outcome=outcome, source=source)
        for line, quantity, outcome, source in parts
    ))


def test_what_left_and_came_back_is_found_line_by_line() -> None:
    happened = [
        received(9),
        shipped(3, "SO-1", east=1, west=2), shipped(9, "SO-2"),
        refunded("SO-1", (1, 1, "return", "west"), (1, 1, "write_off", None)),
        refunded("SO-2", (1, 1, "return", "east")),
        shipped_unmanaged(2, "SO-1"), shipped_unmanaged(2, "SO-2"),
        refunded("SO-1", (2, 1, "return", None), (1, 1, "release", None)),
    ]
    assert moves_of("SO-1", happened) == {
        1: LineMoves(moves(("east", 1), ("west", 2), (None, 2)), moves(("west", 1))),
        2: LineMoves([], moves((None, 1))),
    }
