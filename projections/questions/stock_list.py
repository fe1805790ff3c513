"""The stock of every item in a pool, a page at a time."""

from typing import Any, ClassVar

from pydantic import Field

from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.item_names import skus_known
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import count_registered, load_items, skus_registered
from stocktrail.projections.questions.question import (
    Example,
    InPool,
    OccurredAsOf,
    Paged,
    Question,
    Report,
)
from stocktrail.projections.questions.stock import StockReport, assemble
from stocktrail.projections.read_models import ReadModels


class StockList(Shape):
    """The stock of every item in a pool, a page at a time."""

    pool: str
    as_of: Position
    rows: list[StockReport]
    next: str | None = Field(description="What to give as after for the next page.")
    parked: list[str] = Field(description="Items that cannot be folded, and are left out.")


class StockOfAll(Paged, OccurredAsOf, InPool, Question[StockList]):
    """What may still be sold, of every item."""

    question: ClassVar[str] = "stock-list"
    address: ClassVar[str | None] = "/stock"
    example: ClassVar[Example] = {"pool": "web", "limit": 1}

    def answer(self, models: ReadModels) -> Report:
        """Assemble a page, or without a limit every row; refuses an unknown pool or position."""
        position, until = self.position(models), self.until(models)

        def page(after: str | None) -> Report:
            return stock_list(models, self.pool, position, after, self.limit, until)

        found = page(self.after)
        while self.limit is None and found["next"] is not None:
            following = page(found["next"])
            found["rows"] += following["rows"]
            found["next"] = following["next"]
        return found


    def rows_in_all(self, models: ReadModels) -> int | None:
        """Return how many items there are now; those of an earlier moment are not counted."""
        if self.is_past:
            return None
        with models.reading() as reading:
            return count_registered(reading.place, reading.cursor)


MOST_ROWS = 1000
"""How many items a list shows unless another limit is given."""


def stock_list(
    models: ReadModels,
    pool: str = "default",
    as_of: int | None = None,
    after: str | None = None,
    limit: int | None = None,
    occurred_until: int | None = None,
) -> dict[str, Any]:
    """Report the stock of every item in a pool, in the order of SKUs, a page at a time.

    ``occurred_until`` (an instant) counts only what had happened by it, also what was recorded
    later. ``after`` is the SKU that the page before ended with; ``next`` is what to give as
    ``after`` for the following page, ``None`` on the last one. What is ``parked`` is left out.
    Refuses an unknown pool or position.
    """
    limit = MOST_ROWS if limit is None else limit
    with open_as_of(models, as_of, occurred_until) as (reading, past):
        place, cursor, position = reading
        if past is None:
            settings = load_settings(place, cursor)
            parked = [each.sku for each in parked_items(place, cursor)]
            skus = skus_registered(place, cursor, after or "", limit + 1)
            items = load_items(place, cursor, skus[:limit])
            stocks = [item.stock for item in items.values()]
        else:
            position, settings, parked = past.position, past.settings, []
            skus = skus_known(place, cursor, position, after or "", limit + 1)
            stocks = list(past.stocks(skus[:limit]).values())
        more = len(skus) > limit
    settings.require_pool(pool)
    rows = [assemble(stock, settings, pool, position) for stock in stocks]
    return {
        "pool": pool, "as_of": position, "rows": rows,
        "next": rows[-1]["sku"] if more and rows else None, "parked": parked,
    }
