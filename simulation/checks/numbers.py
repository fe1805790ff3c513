"""The check of the numbers: of every item, log and read models say what the shop says."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from simulation.checks.pegs import compare_promises
from simulation.checks.reference import Reference, exact
from simulation.checks.violation import require
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.time_zone import day_in
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.order import order as order_report
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.verify import verify

CHECK = "numbers"


class Numbers:
    """Compares one copy of a ledger, opened for reading, with the shop at the same position."""

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._models = ReadModels(ledger)
        self._reference = reference
        self._shop = reference.shop

    def compare(self, skus: Iterable[str]) -> None:
        """Compare items as the log has them, and as read models that are caught up have them."""
        settings = cast(Settings, self._ledger.aggregate("settings/ledger"))
        position = self._models.position()
        at = self._reference.position
        require((position or 0) <= at, CHECK, f"read models are at {position} of {at}")
        skus = list(skus)
        if position == at and skus:
            compare_promises(self._models, skus, day_in(self._ledger.clock(), "UTC"))
        for sku in skus:
            self._compare_item(sku, settings)
            if position == at:
                self._compare_report(sku)

    def compare_orders(self, orders: Iterable[str]) -> None:
        """Compare orders as the read models report them."""
        for name in orders:
            card = self._shop.orders[name]
            report = order_report(self._models, name)
            require(report["status"] == card.status, CHECK, f"{report} is {card.status}")
            for line in report["lines"]:
                expected = card.lines[line["line"]]
                for figure in ("ordered", "shipped", "cancelled", "remaining", "allocated"):
                    require(
                        line[figure] == getattr(expected, figure), CHECK,
                        f"{figure} of {name} line {line} is {getattr(expected, figure)}",
                    )

    def verify(self) -> None:
        """Let the ledger verify itself, read models, promises and seal included."""
        found = verify(self._models)
        require(found.ok, "verify", str(found.findings))

    def _compare_item(self, sku: str, settings: Settings) -> None:
        item = cast(ProductStock, self._ledger.aggregate(f"stock/{sku}"))
        on_hand = {source: exact(units) for source, units in item.on_hand.items()}
        expected = self._shop.items[sku].on_hand
        require(on_hand == expected, CHECK, f"of {sku} {on_hand} is on hand, not {expected}")
        waiting = {
            key: (exact(line.allocated), exact(line.backordered))
            for key, line in item.lines.items()
        }
        lines = {
            (line.order, line.number): (line.allocated, line.backordered)
            for line in self._shop.open_lines(sku)
        }
        require(waiting == lines, CHECK, f"for {sku} {waiting} wait, not {lines}")
        for pool in self._shop.pools:
            verdict, standing = item.verdict(settings, pool), self._shop.standing(sku, pool)
            figures = verdict.figures
            told = [exact(each) for each in (
                figures.supply, figures.demand, figures.allocated, figures.backordered,
                verdict.salable_quantity,
            )]
            right = [
                standing.supply, standing.demand, standing.allocated, standing.backordered,
                self._shop.verdict(sku, pool).salable,
            ]
            require(told == right, CHECK, f"{sku} in {pool} has {told}, not {right}")

    def _compare_report(self, sku: str) -> None:
        for pool in self._shop.pools:
            report: dict[str, Any] = stock(self._models, sku, pool)
            standing, verdict = self._shop.standing(sku, pool), self._shop.verdict(sku, pool)
            right = {
                "supply": standing.supply, "demand": standing.demand,
                "allocated": standing.allocated, "backordered": standing.backordered,
                "salable_quantity": verdict.salable, "is_salable": verdict.is_salable,
                "on_hand": self._shop.items[sku].on_hand,
            }
            told = {name: report[name] for name in right}
            require(told == right, CHECK, f"the report of {sku} in {pool} says {told}, not {right}")


def opened_copy(path: Path, now: int) -> Ledger:
    """Open a copy of a ledger for reading only."""
    return open_ledger(f"sqlite:///{path}", read_only=True, clock=lambda: now)

