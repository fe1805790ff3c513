"""Units that wait, in blocks: what is found does not depend on where a block ends."""

import pytest

from stocktrail.ledger import waiting_units
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.waiting_units import END, Waiting, WaitingUnits


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


def test_an_item_without_lines_holds_nothing() -> None:
    assert list(ProductStock("stock/A").holding()) == []
