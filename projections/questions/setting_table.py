"""The setting table: every setting, level by level, with the value that holds and who gave it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.ledger.configuration import (
    DEFAULTS,
    LEVELS_OF,
    Level,
    Policy,
    resolve_source_notice,
)
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.product import require
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.item_as_of import settings_at, stock_at
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_stock
from stocktrail.projections.questions.fields import ItemId, SourceId
from stocktrail.projections.questions.question import AsOf, InPool, Question, Report
from stocktrail.projections.read_models import ReadModels


class SettingRow(Shape):
    """A setting: what each level sets, what holds, and which level it comes from."""

    setting: str
    value: float | str | None
    level: str
    default: float | str | None
    levels: dict[str, float | str | None]


class SettingTableReport(Shape):
    """Every setting of a pool, of an item in it, and of a source if one is named."""

    sku: str | None
    name: str | None
    pool: str
    source: str | None
    pools: list[str]
    sources: list[str]
    disabled_sources: list[str]
    pool_sources: list[str]
    overdue_offset_days: int
    time_zone: str
    as_of: Position
    rows: list[SettingRow]


class SettingTable(AsOf, InPool, Question[SettingTableReport]):
    """Every setting, level by level, with the value that holds and the level it comes from."""

    question: ClassVar[str] = "setting-table"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False

    sku: ItemId | None = Field(default=None, description="The item whose settings count too.")
    source: SourceId | None = Field(
        default=None, description="The source whose settings count too."
    )

    def answer(self, models: ReadModels) -> Report:
        """Resolve them; refuses an unknown item, pool, source or position."""
        return setting_table(
            models, sku=self.sku, pool=self.pool, source=self.source, as_of=self.position(models)
        )


SOURCE_LEVELS = ("global", "source", "product", "product_in_source")
"""The levels of ``notify_below`` where it is about what is on hand at a source."""


def setting_table(
    models: ReadModels, *, sku: str | None = None, pool: str = "default",
    source: str | None = None, as_of: int | None = None,
) -> dict[str, Any]:
    """Report every setting of a pool, of an item in it, and of a source if one is named.

    ``levels`` hold what each level sets (``None``: it uses the level above), ``value`` and
    ``level`` what holds. Refuses an unknown item, pool, source or position.
    """
    stock = ProductStock(ProductStock.stream_of(sku or ""))
    if as_of is not None:
        models.require_position(as_of)
        position, settings = as_of, settings_at(models, as_of)
        stock = stock if sku is None else stock_at(models, sku, as_of)
    else:
        with models.reading() as reading:
            position, settings = reading.position, load_settings(reading.place, reading.cursor)
            stock = stock if sku is None else load_stock(reading.place, reading.cursor, sku)
    settings.require_pool(pool)
    if sku is not None:
        require(stock)
    policy = stock.policy(settings, pool) if sku is not None else settings.policy(pool)
    values: dict[str, Level] = {
        "global": settings.everywhere, "pool": settings.in_pool.get(pool, {}),
    }
    if sku is not None:
        values["product"] = stock.everywhere
        values["product_in_pool"] = stock.in_pool.get(pool, {})
    rows = [
        _row(name, name, LEVELS_OF[name], values, resolved.value, resolved.level)
        for name, resolved in zip(Policy._fields, policy, strict=True)
    ]
    if source is not None:
        settings.require_source(source)
        values["source"] = settings.in_source.get(source, {})
        in_source = stock.in_source.get(source, {})
        if sku is not None:
            values["product_in_source"] = in_source
        notice = resolve_source_notice(
            in_source, values.get("product"), values["source"], settings.everywhere
        )
        rows.append(_row(
            "notify_below", "notify_below_at_source", SOURCE_LEVELS, values,
            None if notice is None else notice.value,
            "off" if notice is None else notice.level,
        ))
    return {
        "sku": sku, "name": stock.product.name, "pool": pool, "source": source,
        "pools": sorted(settings.pools), "sources": sorted(settings.sources),
        "disabled_sources": sorted(settings.disabled),
        "pool_sources": list(settings.sources_of(pool)),
        "overdue_offset_days": settings.overdue_offset_days, "time_zone": settings.time_zone,
        "as_of": position, "rows": rows,
    }


def _row(
    setting: str, name: str, levels: tuple[str, ...], values: Mapping[str, Level], value: Any,
    level: str,
) -> dict[str, Any]:
    return {
        "setting": name, "value": _units(value), "level": level,
        "default": _units(DEFAULTS[setting]),
        "levels": {
            each: _units(values[each].get(setting)) for each in levels if each in values
        },
    }


def _units(value: Any) -> Any:
    return to_number(value) if isinstance(value, int) else value
