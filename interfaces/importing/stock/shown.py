"""What the ledger shows of items now: the state that a file is compared with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from stocktrail.ledger.configuration import DEFAULTS
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_items
from stocktrail.projections.read_models import Reading, ReadModels

ITEMS_AT_ONCE = 1_000
"""How many items are read at a time."""


class ShownStock(NamedTuple):
    """What the ledger shows, at one position."""

    reading: Reading
    settings: Settings

    def items(self, skus: Sequence[str]) -> Iterator[ProductStock]:
        """Yield items in the order of their SKUs; one that is not known is empty."""
        for start in range(0, len(skus), ITEMS_AT_ONCE):
            found = load_items(
                self.reading.place, self.reading.cursor, skus[start : start + ITEMS_AT_ONCE]
            )
            yield from (item.stock for item in found.values())

    def holding(self, stock: ProductStock, setting: str) -> Any:
        """Return the value of a setting that holds for an item in every pool that sets none."""
        own = stock.everywhere.get(setting)
        if own is not None:
            return own
        return self.settings.everywhere.get(setting, DEFAULTS[setting])

    @property
    def has_own_pools(self) -> bool:
        """Whether somebody has defined a pool: all there is otherwise is the default one."""
        return dict(self.settings.pools) != {"default": ("default",)}


@contextmanager
def shown_stock(models: ReadModels) -> Iterator[ShownStock]:
    """Read what the caught-up read models show."""
    with models.reading() as reading:
        yield ShownStock(reading, load_settings(reading.place, reading.cursor))
