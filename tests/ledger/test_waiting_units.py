"""Units that wait, in blocks: what is found does not depend on where a block ends."""

import pytest

from stocktrail.ledger import waiting_units
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.waiting_units import END, Waiting, WaitingUnits, just_behind


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> WaitingUnits:
    """Five lines in blocks of two."""
    monkeypatch.setattr(waiting_units, "_BLOCK", 2)
    return WaitingUnits([((place,), place) for place in (1, 2, 3, 4, 5)])


def test_a_unit_is_found_behind_other_blocks(units: WaitingUnits) -> None:
    assert [units.at(unit) for unit in (0, 3, 6, 14, 15)] == [
        Waiting((1,), 0, 1), Waiting((3,), 3, 3), Waiting((4,), 6, 4), Waiting((5,), 10, 5), None,
    ]


def test_a_place_so_many_lines_further_may_be_in_another_block(units: WaitingUnits) -> None:
    assert [units.further((2,), lines) for lines in (0, 1, 2, 3, 4)] == [
        (2,), (3,), (4,), (5,), END,
    ]
    assert units.further((6,), 0) == END


def test_lines_between_two_places_go_over_blocks(units: WaitingUnits) -> None:
    assert [line.place for line in units.between((2,), (5,))] == [(2,), (3,), (4,)]
    assert [line.place for line in units.between((2,), END)] == [(2,), (3,), (4,), (5,)]
    assert list(units.between((3,), (3,))) == []


def all_of(units: WaitingUnits) -> list[Waiting]:
    """Return every line with what is waited for before it."""
    return list(units.between((0,), END))


def test_a_line_stands_where_it_belongs_whenever_it_comes(units: WaitingUnits) -> None:
    came = WaitingUnits()
    for place in (5, 1, 4, 2, 3):
        came.put((place,), place)
    assert all_of(came) == all_of(units)
    assert came.total == 15
    for place in range(6, 12):      # behind all of them, so that the last block is cut again
        came.put((place,), place)
    assert [came.before((place,)) for place in (1, 6, 11, 12)] == [0, 15, 55, 66]


def test_what_is_taken_out_leaves_the_others_where_they_are(units: WaitingUnits) -> None:
    for place in (2, 1, 4):         # the last of a block, the block itself, the last of the next
        units.take_out((place,))
    assert all_of(units) == [Waiting((3,), 0, 3), Waiting((5,), 3, 5)]
    assert (units.total, units.before((5,))) == (8, 3)


def test_just_behind_a_line_is_before_the_next_one(units: WaitingUnits) -> None:
    assert [line.place for line in units.between(just_behind((2,)), just_behind((4,)))] == [
        (3,), (4,),
    ]


def test_an_item_without_lines_holds_nothing() -> None:
    assert list(ProductStock("stock/A").holding()) == []
