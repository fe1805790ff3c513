"""Read model of settings: sources, pools, promise rules, time zone, and every setting by level.

Levels of the whole ledger, of pools and of sources have no SKU; those of a product, also in a pool
or at a source, have one. A level without a value has no row. The empty text stands for "none",
because a key cannot hold NULL on every database.
"""

from collections.abc import Mapping

import orjson

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import Level, SettingChanged
from stocktrail.ledger.settings import (
    PoolDefined,
    PromiseRulesChanged,
    Settings,
    SourceDisabled,
    SourceEnabled,
    SourceRegistered,
    TimeZoneChanged,
)
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, Table, TableSet, Values
from stocktrail.projections.models.version import versioned

SOURCE = Table(
    versioned("source"),
    {"source": "TEXT NOT NULL", "name": "TEXT", "enabled": "BIGINT NOT NULL"},
    ("source",),
)
POOL = Table(
    versioned("pool"),
    {"pool": "TEXT NOT NULL", "name": "TEXT", "sources": "TEXT NOT NULL"},
    ("pool",),
)
SETTING_LEVEL = Table(
    versioned("setting_level"),
    {
        "sku": "TEXT NOT NULL", "pool": "TEXT NOT NULL", "source": "TEXT NOT NULL",
        "setting": "TEXT NOT NULL", "value": "TEXT NOT NULL",
    },
    ("sku", "pool", "source", "setting"),
)
PROMISE_RULE = Table(
    versioned("promise_rule"), {"rule": "TEXT NOT NULL", "days": "BIGINT NOT NULL"}, ("rule",)
)
TIME_ZONE = Table(
    versioned("time_zone"), {"name": "TEXT NOT NULL", "zone": "TEXT NOT NULL"}, ("name",)
)
MODEL = ReadModel("setting_levels", (SOURCE, POOL, SETTING_LEVEL, PROMISE_RULE, TIME_ZONE))

_OVERDUE_OFFSET = "overdue_offset_days"
_SHOP = "shop"

LevelKey = tuple[str, str, str, str]
"""SKU, pool, source and setting; empty where the level has none."""


def put_level(level: Level, row: Row) -> None:
    """Read a stored value into its level."""
    level[row["setting"]] = orjson.loads(row["value"])


def load_settings(tables: TableSet, cursor: Cursor) -> Settings:
    """Read the settings of the whole ledger, of pools and of sources."""
    settings = Settings()
    for row in tables.table(SOURCE).rows(cursor):
        settings.sources.add(row["source"])
        if row["name"] is not None:
            settings.names[f"source/{row['source']}"] = row["name"]
        if not row["enabled"]:
            settings.disabled.add(row["source"])
    for row in tables.table(POOL).rows(cursor):
        settings.pools[row["pool"]] = tuple(orjson.loads(row["sources"]))
        if row["name"] is not None:
            settings.names[f"pool/{row['pool']}"] = row["name"]
    for row in tables.table(PROMISE_RULE).rows(cursor):
        settings.overdue_offset_days = row["days"]
    for row in tables.table(TIME_ZONE).rows(cursor):
        settings.time_zone = row["zone"]
    for row in tables.table(SETTING_LEVEL).rows_of(cursor, "sku", [""]):
        if row["pool"]:
            level = settings.in_pool.setdefault(row["pool"], {})
        elif row["source"]:
            level = settings.in_source.setdefault(row["source"], {})
        else:
            level = settings.everywhere
        put_level(level, row)
    return settings


def level_rows(
    sku: str, everywhere: Level, in_pool: Mapping[str, Level], in_source: Mapping[str, Level]
) -> list[Values]:
    """Return all levels of an item, or (with an empty SKU) of the ledger, as rows."""
    levels = [("", "", everywhere)]
    levels += [(pool, "", level) for pool, level in in_pool.items()]
    levels += [("", source, level) for source, level in in_source.items()]
    return [
        (sku, pool, source, setting, orjson.dumps(value).decode())
        for pool, source, level in levels for setting, value in level.items()
    ]


def save_settings(settings: Settings, tables: TableSet, cursor: Cursor) -> None:
    """Write all settings into empty tables."""
    writer = SettingLevels(settings)
    writer.touch_all()
    writer.save(tables, cursor)
    tables.table(SETTING_LEVEL).put(
        cursor, level_rows("", settings.everywhere, settings.in_pool, settings.in_source)
    )


class SettingLevels:
    """Folds settings events, and writes the rows they touched."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._sources: set[str] = set()
        self._pools: set[str] = set()
        self._levels: dict[LevelKey, str | None] = {}
        self._rules_changed = self._zone_changed = False

    def apply(self, event: Event) -> None:
        """Fold one event of the settings' own stream."""
        self.settings.apply(event)
        if isinstance(event, SettingChanged):
            self.set_level("", event)
        elif isinstance(event, PoolDefined):
            self._pools.add(event.pool)
        elif isinstance(event, (SourceRegistered, SourceEnabled, SourceDisabled)):
            self._sources.add(event.source)
        elif isinstance(event, PromiseRulesChanged):
            self._rules_changed = True
        elif isinstance(event, TimeZoneChanged):
            self._zone_changed = True

    def touch_all(self) -> None:
        """Mark every source, pool and promise rule, and the time zone, as touched."""
        self._sources |= self.settings.sources
        self._pools |= set(self.settings.pools)
        self._rules_changed = self._zone_changed = True

    def set_level(self, sku: str, event: SettingChanged) -> None:
        """Mark the new value of a level, of the whole ledger or of a product, as touched."""
        key = (sku, event.pool or "", event.source or "", event.setting)
        value = event.level_value
        self._levels[key] = None if value is None else orjson.dumps(value).decode()

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was touched since the last time."""
        settings = self.settings
        tables.table(SOURCE).put(cursor, (
            (
                source, settings.names.get(f"source/{source}"),
                int(source not in settings.disabled),
            )
            for source in self._sources
        ))
        tables.table(POOL).put(cursor, (
            (
                pool, settings.names.get(f"pool/{pool}"),
                orjson.dumps(settings.pools[pool]).decode(),
            )
            for pool in self._pools
        ))
        if self._rules_changed:
            days = settings.overdue_offset_days
            tables.table(PROMISE_RULE).put(cursor, [(_OVERDUE_OFFSET, days)])
        if self._zone_changed:
            tables.table(TIME_ZONE).put(cursor, [(_SHOP, settings.time_zone)])
        table = tables.table(SETTING_LEVEL)
        table.take_out(cursor, [key for key, value in self._levels.items() if value is None])
        table.put(cursor, [
            (*key, value) for key, value in self._levels.items() if value is not None
        ])
        self._sources.clear()
        self._pools.clear()
        self._levels.clear()
        self._rules_changed = self._zone_changed = False
