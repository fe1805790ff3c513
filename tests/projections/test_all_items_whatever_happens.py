"""Whatever happens: what rows say of all items as of a position is what was kept live there."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stocktrail.ledger.store.tables import Row, Table
from stocktrail.projections.answers.item_grid.grid_page import COLUMNS, FACETS
from stocktrail.projections.as_of import LedgerAsRecorded
from stocktrail.projections.as_of.all_items import AllItems
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.low_stock import LOW_STOCK
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import PRODUCT, SOURCE_ITEM, STOCK_LEVEL
from stocktrail.projections.questions.products import ItemGrid, item_grid
from tests.projections.purchasing import Purchasing, day
from tests.projections.test_promises_whatever_happens import shop_of_its_own, wishes
from tests.projections.test_read_models_agree import POOLS, orders, part, skus, wish

TEN_THOUSANDTHS = dict[str, int]

more_wishes = st.one_of(
    wishes,
    wish("register-product", sku=skus, name=st.sampled_from(("Lamp", "Tea 50%"))),
    wish("ship-order", order=orders, shipment=st.uuids().map(str), lines=part),
    wish("refund-order", order=orders, refund=st.uuids().map(str), lines=part.map(
        lambda lines: [{**line, "outcome": "release"} for line in lines]
    )),
)
histories = st.lists(st.tuples(st.integers(0, 2), more_wishes), min_size=6, max_size=20)


def kept_live(shop: Purchasing) -> dict[str, Any]:
    """Return what the read models hold of all items, by pool."""
    with shop.models.reading() as (place, cursor, _):
        def rows(table: Table) -> list[Row]:
            return list(place.table(table).all_rows(cursor))

        known = {row["sku"]: row["name"] for row in rows(PRODUCT)}
        found: dict[str, Any] = {"names": known}
        lines = [row for row in rows(OPEN_LINE) if row["managed"]]
        settings = load_settings(place, cursor)
        for pool in POOLS:
            sources = settings.sources_of(pool)
            levels = [row for row in rows(STOCK_LEVEL) if row["pool"] == pool]
            of_pool = [row for row in lines if row["pool"] == pool]
            found |= of_pool_named(pool, {
                "available": sums((row["sku"], row["supply"] - row["demand"]) for row in levels),
                "demand": sums((row["sku"], row["demand"]) for row in levels),
                "allocated": sums((row["sku"], row["allocated"]) for row in levels),
                "backordered": sums(
                    (row["sku"], row["demand"] - row["allocated"]) for row in levels
                ),
                "on_hand": sums(
                    (row["sku"], row["on_hand"]) for row in rows(SOURCE_ITEM)
                    if row["source"] in sources
                ),
                "waiting": {
                    row["sku"] for row in of_pool if row["remaining"] > row["allocated"]
                },
                "uncovered": {row["sku"] for row in of_pool if row["uncovered"]},
                "low": {row["sku"] for row in rows(LOW_STOCK) if row["pool"] == pool},
                "incoming": {
                    row["sku"] for row in rows(OPEN_RECEIPT) if row["destination"] in sources
                },
            })
        return found


def of_pool_named(pool: str, figures: dict[str, Any]) -> dict[str, Any]:
    """Name the figures of a pool by it."""
    return {f"{name} in {pool}": figure for name, figure in figures.items()}


def sums(units: Any) -> TEN_THOUSANDTHS:
    """Add up units by item; what comes to nothing is left out."""
    found: TEN_THOUSANDTHS = {}
    for sku, each in units:
        found[sku] = found.get(sku, 0) + each
    return {sku: each for sku, each in found.items() if each}


def known_then(shop: Purchasing, position: int) -> dict[str, Any]:
    """Return the same as of a position, from rows."""
    with open_as_of(shop.models, position) as (reading, past):
        moment = past or LedgerAsRecorded(shop.ledger, reading, position)
        assert isinstance(moment, LedgerAsRecorded)
        items = AllItems(moment)
        found: dict[str, Any] = {"names": items.names()}
        for pool in POOLS:
            sources = moment.settings.sources_of(pool)
            found |= of_pool_named(pool, {
                "available": items.available(pool),
                "demand": items.demand(pool),
                "allocated": items.allocated(pool),
                "backordered": items.backordered(pool), "on_hand": items.on_hand(sources),
                "waiting": items.waiting(pool), "uncovered": items.uncovered(pool),
                "low": items.low(pool), "incoming": items.incoming(sources),
            })
        return found


def pages(shop: Purchasing, number: int, as_of: int | None = None) -> list[Any]:
    """Ask for some pages of the grid, others at each position."""
    column, facet = COLUMNS[number % len(COLUMNS)], FACETS[number % len(FACETS)]
    asked: tuple[dict[str, Any], ...] = (
        {"pool": POOLS[number % 3], "sort": column, "limit": 1},
        {"pool": POOLS[number % 3], "sort": f"-{column}", "limit": 1},
        {"facets": [facet], "sort": column}, {"q": "tea 5"},
    )
    when: dict[str, Any] = {} if as_of is None else {"as_of": str(as_of)}
    found = [item_grid(shop.models, ItemGrid(**each, **when)) for each in asked]
    following = found[0]["next"]
    if following is not None:
        found.append(item_grid(shop.models, ItemGrid(**asked[0], after=following, **when)))
    return found


def play(shop: Purchasing, drawn: list[tuple[int, dict[str, Any]]]) -> None:
    """Play a history, and compare every position with what was kept and answered there."""
    live: dict[int, tuple[int, dict[str, Any], list[Any]]] = {}
    for number, (passed, wished) in enumerate(drawn):
        shop.on_day(shop.today + passed)
        _, position = shop.try_together([wished])
        if position not in live:
            live[position] = number, kept_live(shop), pages(shop, number)
    shop.send("count-stock", sku="A", counted=77)
    for position, (number, kept, answered) in live.items():
        known = known_then(shop, position)
        assert {name: units for name, units in known.items() if units != kept[name]} == {}
        assert pages(shop, number, position) == answered


@settings(max_examples=8)
@given(histories)
def test_all_items_as_of_a_position_are_what_was_kept_there(
    drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    with shop_of_its_own() as shop:
        play(shop, drawn)


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_one_shop_goes_on(
    purchasing: Purchasing, drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    for sku in ("A", "B"):
        purchasing.send("register-product", sku=sku)
    for pool in POOLS[1:]:
        purchasing.send("define-pool", pool=pool, sources=["default"])
    play(purchasing, drawn)


@pytest.mark.parametrize(("bought", "also", "uncovered"), [
    ({"quantity": 9}, {}, set()),
    ({"quantity": 3}, {}, {"A"}),
    ({"quantity": 9, "expected_date": None}, {}, {"A"}),
    ({"quantity": 6}, {"order_of": ("SO-2", 2, 0)}, {"A"}),
    ({"quantity": 6}, {"set-stock-status": {"sku": "A", "status": "out_of_stock"}}, {"A"}),
    ({"quantity": 6}, {"disable-source": {"source": "default"}}, {"A"}),
    ({"quantity": 6}, {"set-manage-stock": {"sku": "A", "manage": "off"}}, set()),
])
def test_what_is_to_come_covers_what_waits_or_does_not(
    purchasing: Purchasing, bought: dict[str, Any], also: dict[str, Any], uncovered: set[str]
) -> None:
    for pool in POOLS[1:]:
        purchasing.send("define-pool", pool=pool, sources=["default"])
    purchasing.order_of("SO-1", 5, 1)
    line = {"sku": "A", "expected_date": day(2), **bought}
    purchasing.send(
        "place-purchase-order", purchase_order="PO-1", vendor="V",
        lines=[{name: value for name, value in line.items() if value is not None}],
    )
    for command, fields in also.items():
        if command == "order_of":               # in another pool that goes first
            purchasing.order_of(*fields, pool="EU", priority=1)
        else:
            purchasing.send(command, **fields)
    position = purchasing.models.position() or 0
    kept = kept_live(purchasing)
    purchasing.send("count-stock", sku="A", counted=50)
    known = known_then(purchasing, position)
    assert known["uncovered in default"] == kept["uncovered in default"] == uncovered
