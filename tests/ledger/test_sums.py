"""Sums of an item stay countable: what would grow past 11 digits is refused, what shrinks is not.

One bound holds for every sum of quantities: on hand at all sources, wanted by all open lines, asked
for by one order or purchase order, received for one line.
"""

import pytest

from stocktrail.ledger.quantity import LIMIT, SCALE
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.sums import AMOUNT_LIMIT, require_amount
from tests.ledger import purchasing
from tests.ledger.decisions import adjust, cancel, count, place, receive, take_back, transfer
from tests.ledger.facts import (
    backorders_set,
    counted,
    managed,
    received,
    registered,
    released,
    reserved,
    returned,
    rule_set,
    source_registered,
    transferred,
    two_pools,
)
from tests.ledger.purchasing import arrived, changed, given_purchase, goods, placed, terms
from tests.scenes import SKU, Decision, Scene, given

MOST = LIMIT // SCALE - 1
"""The largest whole number of units."""

TOO_LARGE = {"sku": SKU, "most": 99_999_999_999.9999}


def two_sources() -> Scene:
    """Return an item at two sources that hold all that can be held."""
    return given(
        registered(), source_registered("berlin"), received(MOST - 5), received(5, "berlin")
    )


def anything_goes() -> Scene:
    """Return an item of which any number may be ordered in two pools, and that nobody has."""
    return given(
        *two_pools(), registered(), received(0, "of-a"), received(0, "of-b"),
        backorders_set("allow"), rule_set("max_sale", 0),
    )


@pytest.mark.parametrize("decision", [
    receive(1), receive(1, "berlin"), adjust(1, "berlin"), count(6, "berlin"), count(MOST - 4),
    take_back(returned(1, "SO-1", source="berlin")),
])
def test_all_sources_together_hold_no_more_than_can_be_written(decision: Decision) -> None:
    two_sources().when(decision).then_refused("quantity_too_large", total=MOST + 1, **TOO_LARGE)


def test_what_moves_between_sources_or_stays_adds_nothing() -> None:
    shop = two_sources()
    shop.when(transfer(5, "berlin", "default")).then(transferred(5, "berlin", "default"))
    shop.when(count(5, "berlin")).then(counted(5, delta=0, source="berlin"))


@pytest.mark.parametrize(("quantities", "before"), [
    ((MOST,), 1), ((1,), MOST), ((MOST // 2, MOST // 2, 3), 0),
])
def test_open_lines_in_all_pools_want_no_more_than_can_be_written(
    quantities: tuple[int, ...], before: int
) -> None:
    shop = anything_goes()
    if before:
        shop.happen(reserved("SO-1", before, waits_for=before, pool="B"))
    shop.when(place("SO-2", *quantities, pool="A")).then_refused(
        "quantity_too_large", total=before + sum(quantities), pool="A", **TOO_LARGE
    )
    shop.when(place("SO-2", MOST - before - 1, pool="A"))


def test_an_order_of_the_most_that_can_be_written_is_taken_and_cancelled() -> None:
    shop = anything_goes().when(place("SO-1", MOST - 1, 1, pool="A")).then(
        reserved("SO-1", MOST - 1, waits_for=MOST - 1, pool="A"),
        reserved("SO-1", 1, waits_for=1, line=2, pool="A"),
    )
    assert shop.salable("A") == -MOST
    shop.when(cancel("SO-1", MOST - 1)).then(released("SO-1", backordered=MOST - 1, pool="A"))


def test_a_ledger_that_holds_more_from_before_can_still_shrink() -> None:
    shop = anything_goes()
    for number in range(3):
        shop.happen(reserved(f"SO-{number}", MOST, waits_for=MOST, pool="A"))
    shop.when(place("SO-9", 1, pool="A")).then_refused("quantity_too_large", total=3 * MOST + 1)
    shop.when(cancel("SO-1", MOST)).then(released("SO-1", backordered=MOST, pool="A"))


def test_an_order_of_unmanaged_units_is_bounded_by_itself() -> None:
    shop = anything_goes().happen(reserved("SO-1", MOST, waits_for=MOST, pool="A"))
    shop.happen(managed("off"))
    shop.when(place("SO-2", MOST, 1, pool="A")).then_refused("quantity_too_large", **TOO_LARGE)


def test_a_purchase_order_asks_for_no_more_of_an_item_than_can_be_written() -> None:
    too_much = (terms(1, MOST, 7), terms(2, 1, 7))
    given_purchase().when(purchasing.place(*too_much)).then_refused(
        "quantity_too_large", purchase_order=purchasing.PURCHASE_ORDER, **TOO_LARGE
    )
    two_items = placed(terms(1, MOST - 1, 7), terms(2, 1, 7), terms(3, MOST, 7, "OTHER"))
    ordered = given_purchase().when(purchasing.place(*two_items.lines)).then(two_items)
    ordered.when(purchasing.confirm(changed(2, quantity=2))).then_refused("quantity_too_large")
    ordered.when(purchasing.confirm(changed(1, quantity=5), changed(2, quantity=MOST - 5)))
    ordered.happen(purchasing.confirmed(terms(1, 5, 7)))
    ordered.when(purchasing.confirm(changed(2, quantity=MOST - 5))).then(
        purchasing.confirmed(terms(2, MOST - 5, 7))
    )


def test_what_is_received_over_and_over_for_a_line_stays_countable() -> None:
    ordered = given_purchase(
        placed(terms(1, 10, 7)), goods(arrived(1, MOST - 1, over=MOST - 11))
    )
    ordered.when(purchasing.receive((1, 2), receipt="GR-2")).then_refused(
        "quantity_too_large", line=1, **TOO_LARGE
    )
    ordered.when(purchasing.receive((1, 1), receipt="GR-2")).then(
        goods(arrived(1, 1, over=1), receipt="GR-2")
    )


def test_an_order_is_worth_no_more_than_fifteen_digits() -> None:
    require_amount("SO-1", AMOUNT_LIMIT - 1)
    with pytest.raises(Refusal, match=r"Order SO-1 would be worth 1000000000000000\.00;") as no:
        require_amount("SO-1", AMOUNT_LIMIT)
    assert no.value.code == "amount_too_large"
    assert no.value.details["most"] == "999999999999999.99999999"
