"""The comparison of a ledger with the shop: items, levels, waiting lines and orders."""

from collections.abc import Iterable
from typing import Any, cast

from simulation.checks.reference import exact
from simulation.checks.violation import Violation
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.order import order as order_report
from stocktrail.projections.questions.stock import stock
from tests.reference.shop import PlainShop

CHECK = "numbers"
FIGURES = (
    "supply", "demand", "allocated", "backordered", "salable_quantity", "unlimited", "is_salable",
    "message", "on_hand",
)
LINE_FIGURES = (
    "ordered", "shipped", "cancelled", "released", "remaining", "allocated", "backordered",
)


def compare_items(models: ReadModels, shop: PlainShop, skus: Iterable[str]) -> None:
    """Require that items are, by the log alone, what the shop says."""
    settings = cast(Settings, models.ledger.aggregate("settings/ledger"))
    for sku in skus:
        item = cast(ProductStock, models.ledger.aggregate(ProductStock.stream_of(sku)))
        _require_same(f"on hand of {sku}", {
            source: exact(units) for source, units in item.on_hand.items()
        }, shop.items[sku].on_hand)
        _require_same(f"lines that wait for {sku}", {
            key: (exact(line.allocated), exact(line.backordered))
            for key, line in item.lines.items()
        }, {
            (line.order, line.number): (line.allocated, line.backordered)
            for line in shop.open_lines(sku)
        })
        for pool in shop.pools:
            verdict, standing = item.verdict(settings, pool), shop.standing(sku, pool)
            figures = verdict.figures
            _require_same(f"levels of {sku} in {pool}", [exact(each) for each in (
                figures.supply, figures.demand, figures.allocated, figures.backordered,
                verdict.salable_quantity,
            )], [
                standing.supply, standing.demand, standing.allocated, standing.backordered,
                shop.verdict(sku, pool).salable,
            ])


def compare_reports(models: ReadModels, shop: PlainShop, skus: Iterable[str]) -> None:
    """Require that read models that are caught up report of items what the shop says."""
    for sku in skus:
        for pool in shop.pools:
            report: dict[str, Any] = stock(models, sku, pool)
            standing, verdict = shop.standing(sku, pool), shop.verdict(sku, pool)
            _require_same(f"report of {sku} in {pool}", [report[name] for name in FIGURES], [
                standing.supply, standing.demand, standing.allocated, standing.backordered,
                verdict.salable, verdict.unlimited, verdict.is_salable, verdict.message,
                shop.items[sku].on_hand,
            ])


def compare_orders(models: ReadModels, shop: PlainShop, orders: Iterable[str]) -> None:
    """Require that read models that are caught up report of orders what the shop says."""
    for name in orders:
        card, report = shop.orders[name], order_report(models, name)
        _require_same(f"status of {name}", report["status"], card.status)
        for line in report["lines"]:
            expected = card.lines[line["line"]]
            _require_same(
                f"line {line['line']} of {name}", [line[figure] for figure in LINE_FIGURES],
                [getattr(expected, figure) for figure in LINE_FIGURES],
            )


def _require_same(what: str, told: object, right: object) -> None:
    if told != right:
        raise Violation(CHECK, f"{what}: {told}, not {right}")
