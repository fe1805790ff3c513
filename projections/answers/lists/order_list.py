"""The orders of the list that are asked for: of a customer, in a pool, placed within some days."""

from typing import NamedTuple

from stocktrail.projections.answers.backorder_views.filters import Conditions


class AskedOrders(NamedTuple):
    """Whose orders are asked for, sold in which pool, and placed when: ``None`` for any.

    ``placed_from`` and ``placed_until`` are instants, the first and the last.
    """

    customer: str | None = None
    pool: str | None = None
    placed_from: int | None = None
    placed_until: int | None = None

    def of_orders(self) -> Conditions:
        """Return the conditions on a row of the read model of orders."""
        conditions = Conditions()
        conditions.equal("customer", self.customer)
        conditions.equal("pool", self.pool)
        if self.placed_from is not None:
            conditions.add("placed_at >= :placed_from", placed_from=self.placed_from)
        if self.placed_until is not None:
            conditions.add("placed_at <= :placed_until", placed_until=self.placed_until)
        return conditions

    @property
    def is_dated(self) -> bool:
        """Whether it matters when they were placed, which open lines do not say exactly."""
        return self.placed_from is not None or self.placed_until is not None
