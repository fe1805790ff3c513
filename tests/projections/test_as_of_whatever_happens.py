"""Rule 7.3, whatever happens: a question as of a position is answered as it was live there."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.commands.scripts.results import DONE
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.availability import availability
from stocktrail.projections.questions.explain_order import explain_order
from stocktrail.projections.questions.explain_promise import explain_promise
from stocktrail.projections.questions.explain_stock import explain_stock
from stocktrail.projections.questions.flow import flow
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.low_stock import low_stock
from stocktrail.projections.questions.notices import notices
from stocktrail.projections.questions.order import order
from stocktrail.projections.questions.overview import overview
from stocktrail.projections.questions.products import ItemGrid
from stocktrail.projections.questions.promise import promise
from stocktrail.projections.questions.purchase_order import purchase_order
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.questions.stock_list import stock_list
from stocktrail.projections.questions.to_tell import ToTell
from tests.projections.purchasing import DAY_0, Purchasing
from tests.projections.test_promises_whatever_happens import VIEWS, shop_of_its_own, units
from tests.projections.test_read_models_agree import SKUS

PAGES: tuple[dict[str, Any], ...] = (
    {}, {"limit": 1}, {"filters": Filters(item="A")}, {"filters": Filters(customer="Ann")},
    {"filters": Filters(vendor="V")}, {"filters": Filters(late=True)},
    {"filters": Filters(waiting=True)}, {"filters": Filters(slipped=True)},
    {"filters": Filters(overdue=True)},
    {"filters": Filters(pool="EU")}, {"filters": Filters(told="no")},
    {"filters": Filters(promise="uncertain")},
)
TOLD: tuple[dict[str, Any], ...] = (
    {}, {"told": "either"}, {"since": "5", "told": "either"}, {"late": True},
)
SORTED = {
    "item": ("-uncovered", "supply", "-suggested_order_quantity"), "customer": ("-ordered",),
    "vendor": ("-days_late",),
}


def every_answer(
    shop: Purchasing, placed: set[str], bought: set[str], as_of: int | None
) -> list[Any]:
    """Ask every question there is about a shop, now or as of a position."""
    models, day = shop.models, DAY_0 + timedelta(days=shop.today)
    when: dict[str, Any] = {"as_of": as_of}
    moment = None if as_of is None else str(as_of)
    found: list[Any] = [low_stock(models, **when), notices(models, **when),
                        stock_list(models, "EU", **when), low_stock(models, limit=1, **when),
                        overview(models, today=day, rows=2, **when)]
    found += [
        ToTell(today=day, as_of=moment, **asked).answer(models) for asked in TOLD
    ]
    found += [
        ItemGrid(pool=pool, as_of=moment, sort=sort).answer(models)
        for pool, sort in (("EU", "-available"), ("US", "-backordered"))
    ]
    for sku in SKUS:
        found += [
            stock(models, sku, **when), availability(models, sku, 70_000, **when),
            explain_stock(models, sku, "US", **when), history(models, sku, **when),
            flow(models, sku, today=day, **when), promise(models, sku, 50_000, today=day, **when),
        ]
    for name in sorted(placed):
        found += [
            order(models, name, today=day, **when),
            explain_promise(models, name, 1, today=day, **when),
            explain_order(models, name, **when)["sentences"],
        ]
    found += [purchase_order(models, name, today=day, **when) for name in sorted(bought)]
    for by in VIEWS:
        found += [shop.page(by, **asked, **when) for asked in PAGES]
        found += [shop.page(by, sort=sort, **when) for sort in SORTED[by]]
    return found


@settings(max_examples=4)
@given(st.lists(units, min_size=4, max_size=10))
def test_as_of_is_what_was_answered_live(drawn: list[tuple[int, list[dict[str, Any]]]]) -> None:
    with shop_of_its_own() as shop:
        placed: set[str] = set()
        bought: set[str] = set()
        answered = []
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                statuses, position = shop.try_together(unit)
                if statuses <= DONE:
                    placed |= {each["order"] for each in unit if each["command"] == "place-order"}
                    bought |= {each["purchase_order"] for each in unit
                               if each["command"] == "place-purchase-order"}
                names = set(placed), set(bought)
                answered.append((position, shop.today, names, every_answer(shop, *names, None)))
        for position, today, names, answers in answered:
            shop.on_day(today)
            assert every_answer(shop, *names, position) == answers
