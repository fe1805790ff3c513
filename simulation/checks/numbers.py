"""The check of the numbers: of every item, log and read models say what the shop says."""

from collections.abc import Iterable
from pathlib import Path

from simulation.checks.pegs import compare_promises
from simulation.checks.reference import Reference
from simulation.checks.shop_figures import CHECK, compare_items, compare_orders, compare_reports
from simulation.checks.violation import require
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.time_zone import day_in
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify


class Numbers:
    """Compares one copy of a ledger, opened for reading, with the shop at the same position."""

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._models = ReadModels(ledger)
        self._reference = reference
        self._shop = reference.shop

    def compare(self, skus: Iterable[str]) -> None:
        """Compare items as the log has them, and as read models that are caught up have them."""
        position = self._models.position()
        at = self._reference.position
        require((position or 0) <= at, CHECK, f"read models are at {position} of {at}")
        skus = list(skus)
        if position == at and skus:
            compare_promises(self._models, skus, day_in(self._ledger.clock(), "UTC"))
        compare_items(self._models, self._shop, skus)
        if position == at:
            compare_reports(self._models, self._shop, skus)

    def compare_orders(self, orders: Iterable[str]) -> None:
        """Compare orders as the read models report them."""
        compare_orders(self._models, self._shop, orders)

    def verify(self) -> None:
        """Let the ledger verify itself, read models, promises and seal included."""
        found = verify(self._models)
        require(found.ok, "verify", str(found.findings))


def opened_copy(path: Path, now: int) -> Ledger:
    """Open a copy of a ledger for reading only."""
    return open_ledger(f"sqlite:///{path}", read_only=True, clock=lambda: now)

