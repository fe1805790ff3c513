"""Whether every number of a ledger is that of the reference shop."""

from decimal import Decimal
from typing import Any

from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.order import order as order_report
from stocktrail.projections.questions.stock import stock
from tests.reference.shop import PlainShop

FIGURES = (
    "supply", "demand", "allocated", "backordered", "salable_quantity", "unlimited", "is_salable",
    "message",
)
LINE_FIGURES = (
    "ordered", "shipped", "cancelled", "released", "remaining", "allocated", "backordered",
)


def assert_same_figures(models: ReadModels, shop: PlainShop) -> None:
    """Compare items in every pool, waiting lines and orders, folded and as questions answer."""
    for sku in shop.items:
        _compare_item(models, shop, sku)
        for pool in shop.pools:
            _compare_pool(models, shop, sku, pool)
    for name, card in shop.orders.items():
        report = order_report(models, name)
        assert report["status"] == card.status, name
        for line in report["lines"]:
            expected = card.lines[line["line"]]
            assert [line[figure] for figure in LINE_FIGURES] == [
                getattr(expected, figure) for figure in LINE_FIGURES
            ], (name, line)


def _compare_item(models: ReadModels, shop: PlainShop, sku: str) -> None:
    item = models.ledger.aggregate(ProductStock.stream_of(sku))
    assert isinstance(item, ProductStock)
    assert {source: _units(quantity) for source, quantity in item.on_hand.items()} == (
        shop.items[sku].on_hand
    ), sku
    assert {
        key: (_units(line.allocated), _units(line.backordered))
        for key, line in item.lines.items()
    } == {
        (line.order, line.number): (line.allocated, line.backordered)
        for line in shop.open_lines(sku)
    }, sku


def _compare_pool(models: ReadModels, shop: PlainShop, sku: str, pool: str) -> None:
    report: dict[str, Any] = stock(models, sku, pool)
    standing, verdict = shop.standing(sku, pool), shop.verdict(sku, pool)
    assert [report[figure] for figure in FIGURES] == [
        standing.supply, standing.demand, standing.allocated, standing.backordered,
        verdict.salable, verdict.unlimited, verdict.is_salable, verdict.message,
    ], (sku, pool)


def _units(quantity: int) -> Decimal:
    return Decimal(quantity) / 10_000
