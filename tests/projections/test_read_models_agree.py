"""Whatever happens: as-of is what was live, rebuilt is live, history adds up, notices are right."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stocktrail.commands.scripts.results import DONE
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import open_ledger
from stocktrail.projections.models.orders import load_orders
from stocktrail.projections.models.queues import load_queues
from stocktrail.projections.models.stock_levels import load_stock
from stocktrail.projections.questions.low_stock import low_stock
from stocktrail.projections.questions.stock_list import stock_list
from stocktrail.projections.verify import verify
from tests.projections.shop import Shop
from tests.projections.test_history import sums

POOLS = ("default", "EU", "US")
SKUS = ("A", "B")
ORDERS = ("SO-1", "SO-2", "SO-3", "SO-4")
SOURCES = ("default", "berlin", "boston")

Where = tuple[str, str | None, str | None]
"""An item, and the pool or the source where it is low."""

quantities = st.integers(1, 9)
skus, pools, sources, orders = map(st.sampled_from, (SKUS, POOLS, SOURCES, ORDERS))


def wish(command: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a command that may be accepted or refused."""
    return st.fixed_dictionaries({"command": st.just(command), **fields})


def lines(quantity: st.SearchStrategy[int]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Draw the lines of an order."""
    line = st.fixed_dictionaries({"sku": skus, "quantity": quantity})
    return st.lists(line, min_size=1, max_size=2)


part = st.fixed_dictionaries({"line": st.just(1), "quantity": st.integers(1, 3)}).map(lambda p: [p])
wishes = st.one_of(
    wish("receive-stock", sku=skus, quantity=quantities, source=sources),
    wish("count-stock", sku=skus, counted=quantities, source=sources),
    wish("adjust-stock", sku=skus, delta=st.integers(-5, 5), reason=st.just("drawn"),
         source=sources),
    wish("transfer-stock", sku=skus, quantity=quantities, from_source=sources, to_source=sources),
    wish("set-stock-status", sku=skus, source=sources,
         status=st.sampled_from(("in_stock", "out_of_stock"))),
    wish("disable-source", source=sources),
    wish("enable-source", source=sources),
    wish("define-pool", pool=pools, sources=st.lists(sources, min_size=1, unique=True)),
    wish("place-order", order=orders, customer=st.just("C"), pool=pools, lines=lines(quantities),
         priority=st.integers(1, 9)),
    wish("cancel-order", order=orders),
    wish("cancel-order", order=orders, lines=part),
    wish("ship-order", order=orders, shipment=st.uuids().map(str)),
    wish("prioritise-order", order=orders, priority=st.integers(1, 9), reason=st.just("drawn")),
    wish("change-threshold", threshold=st.just("notify_below"), value=st.integers(0, 9)),
    wish("change-threshold", threshold=st.just("out_of_stock"), value=st.integers(-9, 3),
         sku=skus),
    wish("change-threshold", threshold=st.just("notify_below"), value=st.integers(0, 9),
         source=sources),
    wish("set-manage-stock", manage=st.sampled_from(("on", "off")), sku=skus),
    wish("set-backorder-policy", backorders=st.sampled_from(("no", "allow")), pool=pools),
)


def open_shop(folder: str) -> Shop:
    """Open a shop with two items, three sources and three pools that share them."""
    shop = Shop(open_ledger(f"sqlite:///{Path(folder) / 'stocktrail.db'}"))
    shop.allow_backorders()
    for source in SOURCES[1:]:
        shop.send("register-source", source=source)
    shop.send("define-pool", pool="EU", sources=["berlin", "default"])
    shop.send("define-pool", pool="US", sources=["boston", "default"])
    for sku in SKUS:
        shop.carry(sku, 6)
    return shop


@given(st.lists(st.lists(wishes, min_size=1, max_size=2), min_size=4, max_size=10))
def test_as_of_is_what_was_live_and_rebuilt_is_live(drawn: list[list[dict[str, Any]]]) -> None:
    with TemporaryDirectory() as folder:
        shop = open_shop(folder)
        answered: dict[int, list[Any]] = {}
        placed: set[str] = set()
        for unit in (unit for wished in drawn for unit in shop.units_of(wished)):
            was_low, already = what_is_low(shop), low_stock_notices(shop)
            statuses, position = shop.try_together(unit)
            if statuses <= DONE:
                placed |= {each["order"] for each in unit if each["command"] == "place-order"}
            assert_notices_are_crossings(shop, was_low, already, position)
            answered[position] = [
                [stock_list(shop.models, pool) for pool in POOLS],
                [shop.order(name) for name in sorted(placed)],
                [shop.history(sku) for sku in SKUS],
            ]
            assert_low_stock_agrees(shop)
            assert_state_agrees(shop, placed)
        for position, answers in answered.items():
            assert answers == [
                [stock_list(shop.models, pool, as_of=position) for pool in POOLS],
                [shop.order(order["order"], position) for order in answers[1]],
                [shop.history(sku, as_of=position) for sku in SKUS],
            ]
        assert_history_adds_up(shop)
        live = verify(shop.models)
        assert live.findings == []
        shop.models.rebuild()
        assert verify(shop.models).digests == live.digests
        shop.ledger.close()


def without_command(wished: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a drawn command."""
    return {name: value for name, value in wished.items() if name != "command"}


def assert_state_agrees(shop: Shop, placed: set[str]) -> None:
    """See that the read side has come to the state by which the ledger decides."""
    with shop.models.reading() as (place, cursor, _):
        for sku, queue in load_queues(place, cursor, SKUS).items():
            stock = shop.ledger.aggregate(ProductStock.stream_of(sku))
            assert isinstance(stock, ProductStock)
            assert {key: line.open_line for key, line in queue.lines.items()} == stock.lines
            assert queue.lines.queue_keys == stock.lines.queue_keys
            assert without_zeros(load_stock(place, cursor, sku)) == without_zeros(stock)
        for name, view in load_orders(place, cursor, sorted(placed)).items():
            order = shop.ledger.aggregate(Order.stream_of(name))
            assert isinstance(order, Order)
            assert (view.order.lines, view.version) == (order.lines, order.version)
            assert (view.priority, view.status) == (order.priority, order.status)


def without_zeros(stock: ProductStock) -> dict[str, Any]:
    """Return the state of an item; a pool that wants nothing any more need not be named."""
    state = stock.item_state()
    for name in ("allocated", "demand"):
        state[name] = {pool: units for pool, units in state[name].items() if units}
    return state


def assert_low_stock_agrees(shop: Shop) -> None:
    """See that exactly those notices stand whose basis is at or below its threshold now."""
    standing = {(sku, where) for sku, where, _ in shop.low()}
    expected = set()
    for pool in POOLS:
        for row in stock_list(shop.models, pool)["rows"]:
            if row["low_stock"]:
                expected.add((row["sku"], pool))
            for source, told in row["sources"].items():
                if told["low_stock"]:
                    expected.add((row["sku"], source))
    assert standing == expected
    standing_notices = [row for row in low_stock_notices(shop) if row["cleared_at"] is None]
    assert len(standing_notices) == len(shop.low())


def assert_notices_are_crossings(
    shop: Shop, was_low: set[Where], already: list[dict[str, Any]], position: int
) -> None:
    """See that what is low now and was not before was raised, and the other way round cleared."""
    is_low, now = what_is_low(shop), low_stock_notices(shop)
    assert {_where(row) for row in now[len(already):]} == is_low - was_low
    assert all(row["position"] == position for row in now[len(already):])
    cleared = [new for old, new in zip(already, now, strict=False) if old != new]
    assert {_where(row) for row in cleared} == was_low - is_low
    assert all(row["cleared_position"] == position for row in cleared)


def low_stock_notices(shop: Shop) -> list[dict[str, Any]]:
    """Return the notices of low stock, whether they stand or not."""
    return [notice for notice in shop.notices() if notice["kind"] == "low_stock"]


def what_is_low(shop: Shop) -> set[Where]:
    """Return which items are low where."""
    return {_where(row) for row in low_stock(shop.models)["rows"]}


def _where(row: dict[str, Any]) -> Where:
    return row["sku"], row.get("pool"), row.get("source")


def assert_history_adds_up(shop: Shop) -> None:
    """See that deltas add up to what is on hand, and to supply minus demand."""
    for sku in SKUS:
        total = {where: units for where, units in sums(shop, sku).items() if units}
        told = {pool: shop.stock(sku, pool) for pool in POOLS}
        expected = dict(told["default"]["on_hand"])
        expected |= {
            f"pool {pool}": report["supply"] - report["demand"] for pool, report in told.items()
        }
        assert total == {where: units for where, units in expected.items() if units}
