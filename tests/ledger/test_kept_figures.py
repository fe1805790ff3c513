"""What may be sold is kept from one reservation to the next, and is always what is judged."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import Backorders
from stocktrail.ledger.quantity import LIMIT
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock import reservations
from stocktrail.ledger.stock.state import ProductStock
from tests.ledger.decisions import change, place
from tests.ledger.facts import (
    DAY,
    backorders_set,
    managed,
    pool_defined,
    received,
    registered,
    reserved,
    rule_set,
    threshold_set,
    units,
)
from tests.ledger.histories import (
    FEW,
    MAYBE_POOL,
    NO_SKU_OR_SKU,
    ORDERS,
    POOLS,
    STEPS,
    opened,
    place_once,
)
from tests.scenes import Decision, Scene, given

ORDERS_OF_ONE_LINE = st.builds(
    lambda order, quantity, pool: place_once(order, [(quantity, DAY)], pool), ORDERS, FEW, POOLS
)
RULES = st.builds(
    lambda rule, value, sku: change(rule_set(rule, value, sku=sku)),
    st.sampled_from(["min_sale", "max_sale", "increment"]), st.sampled_from([None, 0, 1.5, 2]),
    NO_SKU_OR_SKU,
)
THRESHOLDS = st.builds(
    lambda value, sku, pool: change(threshold_set("out_of_stock", value, sku=sku, pool=pool)),
    st.sampled_from([None, -4, 0, 2]), NO_SKU_OR_SKU, MAYBE_POOL,
)
HISTORIES = st.lists(
    st.tuples(st.one_of(ORDERS_OF_ONE_LINE, STEPS, RULES, THRESHOLDS), POOLS), max_size=30
)
"""What is decided, and the pool that is sold from next."""

BACKORDERS = st.sampled_from(["no", "allow"])
"""Whether the shop sells what it does not have, to begin with."""

ASKED = [units(number) for number in (0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 9, 20_000)]


def is_allowed(shop: Scene, quantity: int, pool: str = "default") -> bool:
    """Return whether one more line may ask for this quantity, by what is kept."""
    kept = shop.stock.for_sale(shop.settings, pool)
    return kept.allow(quantity, shop.stock.demand.get(pool, 0))


def is_refused(stock: ProductStock, settings: Settings, pool: str, quantity: int) -> bool:
    """Return whether a rule refuses one line of this quantity."""
    try:
        verdict = stock.verdict(settings, pool)
        return bool(reservations.check(stock, pool, verdict, [quantity]))
    except Refusal:
        return True


def assert_kept_is_judged(shop: Scene, pool: str) -> None:
    """See that what is kept says the same as the rules do."""
    stock, settings = shop.stock, shop.settings
    kept, judged = stock.for_sale(settings, pool), stock.verdict(settings, pool)
    assert (kept.policy, kept.managed) == (judged.policy, judged.managed)
    if kept.managed:
        assert kept.supply == judged.figures.supply
    assert {quantity: is_allowed(shop, quantity, pool) for quantity in ASKED} == {
        quantity: not is_refused(stock, settings, pool, quantity) for quantity in ASKED
    }


def stocked(backorders: Backorders) -> Scene:
    """Open the shop with some units, which may be sold out or backordered."""
    return opened().happen(received(9, "shared")).happen(backorders_set(backorders, sku=None))


@for_all(BACKORDERS, HISTORIES)
def test_what_is_kept_is_what_is_judged_after_whatever_happens(
    backorders: Backorders, history: list[tuple[Decision, str]]
) -> None:
    shop = stocked(backorders)
    for step, pool in history:
        for event in shop.when(step).events:
            shop.happen(event)
            assert_kept_is_judged(shop, pool)


@for_all(BACKORDERS, HISTORIES)
def test_the_same_is_decided_with_it_and_without(
    backorders: Backorders, history: list[tuple[Decision, str]]
) -> None:
    shop = stocked(backorders)
    for step, pool in history:
        shop.stock.for_sale(shop.settings, pool)
        with_it, without = shop.when(step), shop.copy().when(step)
        assert with_it.events == without.events
        assert str(with_it.refusal) == str(without.refusal)
        for event in with_it.events:
            shop.happen(event)


@pytest.fixture
def shop() -> Scene:
    return given(registered(), received(10), pool_defined("web", "default"))


def test_it_is_kept_through_reservations(shop: Scene) -> None:
    kept = shop.stock.for_sale(shop.settings, "default")
    shop.happen(reserved("SO-1", 4))
    assert shop.stock.for_sale(shop.settings, "default") is kept
    assert (is_allowed(shop, units(6)), is_allowed(shop, units(7))) == (True, False)


@pytest.mark.parametrize("event", [
    received(1), reserved("SO-1", 1, pool="web"), registered(name="Lamp"),
    rule_set("max_sale", 3), rule_set("max_sale", 3, sku=None), managed("off", sku=None),
])
def test_whatever_else_happens_it_is_judged_again(shop: Scene, event: Event) -> None:
    kept = shop.stock.for_sale(shop.settings, "default")
    shop.happen(event)
    assert shop.stock.for_sale(shop.settings, "default") is not kept
    assert_kept_is_judged(shop, "default")


def test_settings_that_were_taken_back_are_judged_again(shop: Scene) -> None:
    before = shop.settings.clone()
    shop.happen(rule_set("max_sale", 3, sku=None))
    assert not is_allowed(shop, units(4))
    shop.settings = before
    shop.happen(rule_set("min_sale", 2, sku=None))
    assert_kept_is_judged(shop, "default")


def test_a_copy_begins_without_it(shop: Scene) -> None:
    assert is_allowed(shop, units(10))
    copy = shop.copy()
    copy.happen(rule_set("max_sale", 3))
    assert (is_allowed(shop, units(10)), is_allowed(copy, units(10))) == (True, False)


def test_of_an_item_that_nobody_registered_nothing_is_allowed() -> None:
    nowhere = given(managed("off", sku=None))
    assert nowhere.judged().unlimited
    assert not is_allowed(nowhere, units(1))
    nowhere.when(place("SO-1", 1)).then_refused("unknown_sku")


def test_all_open_lines_together_stay_countable() -> None:
    most = LIMIT // 10_000 - 1
    shop = given(
        registered(), backorders_set("allow"), received(1), rule_set("max_sale", 0),
        pool_defined("web"), reserved("SO-0", 5, waits_for=5, pool="web"),
    )
    shop.stock.for_sale(shop.settings, "default")
    shop.happen(reserved("SO-1", most - 6, waits_for=most - 7))
    assert_kept_is_judged(shop, "default")
    for each in (shop, shop.copy()):
        each.when(place("SO-2", 2)).then_refused("quantity_too_large")
        each.when(place("SO-2", 1)).then_something()


def test_what_is_not_managed_is_sold_whatever_is_open() -> None:
    most = LIMIT // 10_000 - 1
    shop = given(
        registered(), received(5), rule_set("max_sale", 0), reserved("SO-1", 5), managed("off")
    )
    assert is_allowed(shop, units(most))
    shop.when(place("SO-2", most)).then_nothing()
