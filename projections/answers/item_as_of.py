"""An item and the settings at one position, wherever they are read from.

Live it comes from a few rows of the read models, at an earlier position from the log. Both are the
same two aggregates, so every report assembles its answer in one way.
"""

from typing import NamedTuple, cast

from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.product import require
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.folded_settings import folded_settings
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_stock
from stocktrail.projections.read_models import ReadModels


class ItemAsOf(NamedTuple):
    """An item's stock and the settings, as they stood at a position.

    From the read models the stock comes without its lines.
    """

    stock: ProductStock
    settings: Settings
    position: int


def settings_at(models: ReadModels, position: int) -> Settings:
    """Fold the settings from the log up to a position."""
    return folded_settings(models.ledger, position)


def stock_at(models: ReadModels, sku: str, position: int) -> ProductStock:
    """Fold the stock of an item from the log up to a position."""
    return cast(ProductStock, models.ledger.aggregate(ProductStock.stream_of(sku), position))


def load_item_as_of(
    models: ReadModels, sku: str, pool: str, as_of: int | None,
    occurred_until: int | None = None,
) -> ItemAsOf:
    """Return an item at a position, or now, or by what had happened until an instant.

    Refuses an unknown item (``unknown_sku``), pool (``unknown_pool``) or position.
    """
    if occurred_until is not None:
        with open_as_of(models, as_of, occurred_until) as (_, past):
            assert past is not None
            found = ItemAsOf(past.stock(sku), past.settings, past.position)
    elif as_of is None:
        with models.reading() as reading:
            found = ItemAsOf(
                load_stock(reading.place, reading.cursor, sku),
                load_settings(reading.place, reading.cursor),
                reading.position,
            )
    else:
        models.require_position(as_of)
        found = ItemAsOf(stock_at(models, sku, as_of), settings_at(models, as_of), as_of)
    require(found.stock)
    found.settings.require_pool(pool)
    return found
