"""Whatever happens: what is proposed is the suggested order quantity, now and as of any position.

And whoever sends what was proposed has nothing left to order.
"""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.quantity import to_number
from stocktrail.projections.answers.backorder_views.item_view import ItemView
from stocktrail.projections.answers.moment_view import moment_view
from stocktrail.projections.answers.replenishment import deliveries
from stocktrail.projections.answers.replenishment.deliveries import last_deliveries
from stocktrail.projections.models.item import PoolGroups
from tests.projections.purchasing import DAY_0, NO_FILTERS, Purchasing
from tests.projections.replenishing import adds_up, asked
from tests.projections.shop import Report
from tests.projections.test_all_items_whatever_happens import more_wishes
from tests.projections.test_promises_whatever_happens import buying, shop_of_its_own
from tests.projections.test_read_models_agree import POOLS, SKUS, SOURCES, skus, wish

levels = st.integers(-1, 6)
restless = st.one_of(
    more_wishes,
    wish("change-threshold", sku=skus, pool=st.sampled_from(POOLS), value=levels,
         threshold=st.just("notify_below")),
    wish("change-threshold", value=levels, threshold=st.just("notify_below")),
    wish("change-threshold", sku=skus, source=st.sampled_from(SOURCES),
         value=st.one_of(levels, st.just("inherit")), threshold=st.just("notify_below")),
)
histories = st.lists(st.tuples(st.integers(0, 2), restless), min_size=6, max_size=20)


def suggested(shop: Purchasing) -> dict[str, float]:
    """Return the suggested order quantity of every item, put together item by item from pegs."""
    with moment_view(
        shop.models, None, DAY_0 + timedelta(days=shop.today), lambda _: SKUS
    ) as moment:
        reach, queues = PoolGroups(moment.settings), moment.promises.queues(SKUS)
        return {
            sku: to_number(ItemView(
                moment.stock(sku), queues[sku].lines.values(), queues[sku].receipts.values(),
                moment, reach, NO_FILTERS,
            ).suggested()) for sku in SKUS
        }


def check(shop: Purchasing, report: Report) -> None:
    """Compare what pools lack with what is suggested; an undated receipt is not ordered again."""
    lacking = {
        row["sku"]: sum(need["missing"] for need in row["needs"] if need["pools"])
        for row in report["rows"]
    }
    undated = {row["sku"] for row in shop.ask("vendor") if row["undated"]}
    for sku, units in suggested(shop).items():
        if sku in undated:
            assert lacking.get(sku, 0) <= units
        else:
            assert lacking.get(sku, 0) == units
    for row in report["rows"]:
        reached = sum(need["missing"] for need in row["needs"] if need["destination"])
        assert row["missing"] == sum(need["missing"] for need in row["needs"])
        assert row["transfer_quantity"] + row["order_quantity"] == reached
        assert all(adds_up(need["why"]) == need["missing"] for need in row["needs"])
    assert report["total"] == len(report["rows"])
    assert report["total"] == sum(each["items"] for each in report["vendors"])
    assert report["total"] == report["facets"]["uncovered"] + report["facets"]["below_level"]


def send_all(shop: Purchasing) -> None:
    """Send what is proposed, and see that nothing is left that anybody could deliver.

    What is ordered at a source for one pool may take what another was to get; that is seen then.
    """
    for _ in range(3):
        for command in asked(shop, commands=True)["commands"]:
            fields = {key: value for key, value in command.items() if key not in ("command", "id")}
            shop.send(command["command"], **fields)
    for row in asked(shop)["rows"]:
        assert not row["transfers"]
        assert row["vendor"] is None or not row["orders"]


@settings(max_examples=10)
@given(histories)
def test_what_is_proposed_is_what_is_suggested(drawn: list[tuple[int, dict[str, Any]]]) -> None:
    with shop_of_its_own() as shop:
        live: dict[int, Report] = {}
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            _, position = shop.try_together([wished])
            live[position] = asked(shop)
            check(shop, live[position])
            last = asked(shop, as_of=str(position), today=live[position]["today"])
            assert last == live[position], "as of the last position it is what it is now"
        shop.send("count-stock", sku="A", counted=77)
        for position, report in live.items():
            assert asked(shop, as_of=str(position), today=report["today"]) == report
        send_all(shop)


def check_last_deliveries(shop: Purchasing, position: int | None) -> None:
    """Compare who delivered last as found for all items at once and for each."""
    day = DAY_0 + timedelta(days=shop.today)
    found = []
    with moment_view(shop.models, position, day, lambda _: SKUS) as moment:
        for many in (0, 1_000):
            with patch.object(deliveries, "_MANY", many):
                found.append(last_deliveries(moment, SKUS))
    assert found[0] == found[1]


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 2), buying), min_size=10, max_size=30))
def test_who_delivered_last_is_the_same_for_a_few_items_and_for_all(
    drawn: list[tuple[int, dict[str, Any]]]
) -> None:
    with shop_of_its_own() as shop:
        positions: list[int] = []
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            _, position = shop.try_together([wished])
            positions.append(position)
            check_last_deliveries(shop, None)
        for position in positions:
            check_last_deliveries(shop, position)
