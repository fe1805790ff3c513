"""One state: what the read side keeps of an item is what decisions read of it, all of it.

Histories are random, and every slot of the aggregate counts: one that a row does not hold, or that
nobody puts into a row, fails. A slot that no history of ours ever fills would prove nothing, so a
shop in which everything has happened fills each of them.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.product import UNDESCRIBED
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import OpenLines
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import TableSet, Values
from stocktrail.projections import ReadModels
from stocktrail.projections.models.open_line_rows import line_row
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.orders import MODEL as ORDERS
from stocktrail.projections.models.orders import (
    ORDER as ORDER_TABLE,
)
from stocktrail.projections.models.orders import (
    ORDER_LINE,
    header_row,
    load_orders,
    order_line_row,
    placed_order,
)
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.queues import load_queues
from stocktrail.projections.models.setting_levels import (
    MODEL,
    SETTING_LEVEL,
    level_rows,
    load_settings,
    save_settings,
)
from stocktrail.projections.models.stock_levels import (
    PRODUCT,
    SOURCE_ITEM,
    STOCK_LEVEL,
    load_stock,
)
from tests.ledger.everything import EVERYTHING
from tests.ledger.histories import HISTORIES, opened
from tests.ledger.test_snapshots import ORDER_EVENTS, PLACED
from tests.scenes import ORDER, SKU, Decision, Scene, given

TABLES = (*MODEL.tables, PRODUCT, SOURCE_ITEM, STOCK_LEVEL, OPEN_LINE)

KEPT_BY_NOBODY_ELSE = {
    "timelines": "only a back-dated fact asks what moved when, and it is decided by the aggregate",
    "policies": "what was resolved of the levels, until they change",
    "kept_figures": "the verdict of the rules, until something but a reservation happens",
    "snapshot_version": "when the last snapshot was taken",
    "put_in": "its place in the line of those that a writer keeps in memory",
    "used_in": "when a writer used it last",
    "kept_bytes": "the memory that a writer counts for it",
    "pending": "what a user of the library alone records",
    "contents": "by which the ledger knows what was sent twice: no question asks for it",
}
"""The slots that the read side does without, and why."""


def compared(aggregate: ProductStock | Settings | Order) -> dict[str, Any]:
    """Return every slot of an aggregate that the read side must come to."""
    names = {name for cls in type(aggregate).__mro__ for name in getattr(cls, "__slots__", ())}
    found = {name: getattr(aggregate, name) for name in names - KEPT_BY_NOBODY_ELSE.keys()}
    if isinstance(aggregate, ProductStock):
        found["queue"] = aggregate.lines.queue_keys
    return found


@pytest.fixture
def read_side(ledger: Ledger) -> TableSet:
    """Return a place with the empty tables of read models, on either database."""
    models = ReadModels(ledger)
    models.catch_up()
    return models.place


def stock_rows(
    stock: ProductStock, settings: Settings
) -> tuple[Values, list[Values], list[Values]]:
    """Return an item as rows: the product, its source items, and what its pools want of it."""
    described = orjson.dumps(stock.product.to_state(), option=orjson.OPT_SORT_KEYS).decode()
    sources: list[Values] = [
        (SKU, source, units, "out_of_stock" if source in stock.out_of_stock else "in_stock")
        for source, units in stock.on_hand.items()
    ]
    levels: list[Values] = []
    for pool in sorted({*stock.demand, *stock.allocated}):
        figures = stock.figures(settings, pool)
        levels.append((SKU, pool, figures.supply, figures.demand, figures.allocated))
    return (SKU, stock.version, stock.product.name, described), sources, levels


def through_rows(shop: Scene, place: TableSet) -> tuple[ProductStock, Settings]:
    """Write an item and the settings as rows, and read them back."""
    stock = shop.stock
    with place.database.writing() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {place.table(table).name}")
        save_settings(shop.settings, place, cursor)
        product, sources, levels = stock_rows(stock, shop.settings)
        place.table(PRODUCT).put(cursor, [product])
        place.table(SOURCE_ITEM).put(cursor, sources)
        place.table(STOCK_LEVEL).put(cursor, levels)
        place.table(SETTING_LEVEL).put(
            cursor, level_rows(SKU, stock.everywhere, stock.in_pool, stock.in_source)
        )
        place.table(OPEN_LINE).put(cursor, (
            line_row(PromisedLine(line, SKU, "C-1", "partial", line.placed, date(2026, 3, 1)))
            for line in stock.lines.values()
        ))
    with place.database.reading() as cursor:
        read, read_settings = load_stock(place, cursor, SKU), load_settings(place, cursor)
        queue = load_queues(place, cursor, [SKU])[SKU]
    read.lines = OpenLines({line.key: line.open_line for line in queue.lines.values()})
    read_settings.version = shop.settings.version      # of its stream: no table needs it
    return read, read_settings


def played(history: list[Decision]) -> Scene:
    """Let a history happen, as far as it is not refused."""
    shop = opened()
    for step in history:
        decided = shop.when(step)
        shop = shop if decided.refusal else decided.then_something()
    return shop


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(HISTORIES)
def test_an_item_read_from_its_rows_is_the_item(
    read_side: TableSet, history: list[Decision]
) -> None:
    shop = played(history)
    read, read_settings = through_rows(shop, read_side)
    assert compared(read) == compared(shop.stock)
    assert compared(read_settings) == compared(shop.settings)


@pytest.mark.parametrize("aggregate", [EVERYTHING.stock, EVERYTHING.settings])
def test_every_slot_is_filled_here(aggregate: ProductStock | Settings) -> None:
    blank = compared(type(aggregate)(aggregate.id))
    same = [
        name for name, value in compared(aggregate).items()
        if name not in ("id", "key") and value == blank[name]
    ]
    assert same == []


def test_every_field_of_a_product_is_filled_here() -> None:
    product = EVERYTHING.stock.product
    assert [name for name in product._fields
            if getattr(product, name) == getattr(UNDESCRIBED, name)] == []


def test_a_shop_in_which_everything_happened_is_read_from_its_rows(read_side: TableSet) -> None:
    read, read_settings = through_rows(EVERYTHING, read_side)
    assert compared(read) == compared(EVERYTHING.stock)
    assert compared(read_settings) == compared(EVERYTHING.settings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(st.lists(ORDER_EVENTS, max_size=8))
def test_an_order_read_from_its_rows_is_the_order(read_side: TableSet, events: list[Event]) -> None:
    view = placed_order(RecordedEvent(Order.stream_of(ORDER), 1, PLACED, 7, 42))
    for event in events:
        view.apply(event)
    with read_side.database.writing() as cursor:
        for table in ORDERS.tables:
            cursor.execute(f"DELETE FROM {read_side.table(table).name}")
        read_side.table(ORDER_TABLE).put(cursor, [header_row(view)])
        read_side.table(ORDER_LINE).put(cursor, (
            order_line_row(ORDER, line) for line in view.lines.values()
        ))
    with read_side.database.reading() as cursor:
        read = load_orders(read_side, cursor, [ORDER])[ORDER]
    assert compared(read.order) == compared(view.order)
    assert replace(read, order=view.order) == view
    assert compared(view.order) == compared(given(PLACED, *events).order)
