"""Settings and their levels: which value holds for an item, and where it comes from.

Every setting resolves by itself. The most specific level that sets it wins; a level whose value is
removed (``inherit``) lets the next more general one through; below them all stands the default.
The two aggregates that keep levels (:class:`~stocktrail.ledger.settings.Settings` for global, pool
and source, :class:`~stocktrail.ledger.stock.state.ProductStock` for product, product in pool and
product in source) share this module.

Section 3 of the rules is the source.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.quantity import SCALE, Quantity, to_number, to_text

Backorders = Literal["no", "allow", "allow_and_notify"]
Threshold = Literal["out_of_stock", "notify_below", "only_x_left"]
QuantityRule = Literal["min_sale", "max_sale", "increment"]

DEFAULTS: Mapping[str, Any] = {
    "backorders": "no",
    "out_of_stock_threshold": 0,
    "only_x_left_threshold": 0,
    "notify_below": 1 * SCALE,
    "manage_stock": "on",
    "min_sale_quantity": 1 * SCALE,
    "max_sale_quantity": 10_000 * SCALE,
    "quantity_increment": 0,
}
"""What holds when no level sets a value; quantities in ten-thousandths, 0 switches a rule off."""

_IN_POOLS = ("global", "pool", "product", "product_in_pool")
_IN_ALL_POOLS = ("global", "product")

LEVELS_OF: Mapping[str, tuple[str, ...]] = {
    "backorders": _IN_POOLS,
    "out_of_stock_threshold": _IN_POOLS,
    "only_x_left_threshold": _IN_POOLS,
    "notify_below": _IN_POOLS,
    "manage_stock": _IN_ALL_POOLS,
    "min_sale_quantity": _IN_ALL_POOLS,
    "max_sale_quantity": _IN_ALL_POOLS,
    "quantity_increment": _IN_ALL_POOLS,
}
"""The levels that each setting of an item in a pool has, from general to specific."""


# ------------------------------------------------------------------ events


class SettingChanged(Event):
    """A level of a setting got a value, or lost the one it had (``None``: inherit)."""

    sku: str | None = None
    pool: str | None = None
    source: str | None = None

    @property
    @abstractmethod
    def setting(self) -> str:
        """The name of the setting that changed."""

    @property
    @abstractmethod
    def level_value(self) -> Any:
        """The level's new value, or ``None`` when it was removed."""

    @property
    def sentence(self) -> str:
        """What the level's value is now, in a sentence."""
        value = self.level_value
        written = to_text(value) if isinstance(value, int) else value
        where = " ".join(
            f"{name} {key}" for name, key in
            (("product", self.sku), ("pool", self.pool), ("source", self.source)) if key
        )
        whose = f"for {where}" if where else "globally"
        if value is None:
            return f"The value of {self.setting} {whose} was removed: a more general one holds."
        return f"{self.setting} was set to {written} {whose}."


class BackorderPolicyChanged(SettingChanged, kw_only=True):
    """Whether an item may be sold beyond its stock was decided."""

    backorders: Backorders | None

    @property
    def setting(self) -> str:
        return "backorders"

    @property
    def level_value(self) -> Backorders | None:
        return self.backorders


class ThresholdChanged(SettingChanged, kw_only=True):
    """One of the three stock thresholds was moved."""

    threshold: Threshold
    value: Quantity | None

    SETTINGS: ClassVar[Mapping[Threshold, str]] = {
        "out_of_stock": "out_of_stock_threshold",
        "notify_below": "notify_below",
        "only_x_left": "only_x_left_threshold",
    }

    @property
    def setting(self) -> str:
        return self.SETTINGS[self.threshold]

    @property
    def level_value(self) -> int | None:
        return self.value


class ManageStockChanged(SettingChanged, kw_only=True):
    """Counting stock for an item (or for all) was switched on or off."""

    manage: Literal["on", "off"] | None

    @property
    def setting(self) -> str:
        return "manage_stock"

    @property
    def level_value(self) -> Literal["on", "off"] | None:
        return self.manage


class QuantityRuleChanged(SettingChanged, kw_only=True):
    """The least, the most or the step in which an item may be ordered was changed (0: off)."""

    rule: QuantityRule
    value: Quantity | None

    SETTINGS: ClassVar[Mapping[QuantityRule, str]] = {
        "min_sale": "min_sale_quantity",
        "max_sale": "max_sale_quantity",
        "increment": "quantity_increment",
    }

    @property
    def setting(self) -> str:
        return self.SETTINGS[self.rule]

    @property
    def level_value(self) -> int | None:
        return self.value


SETTING_EVENTS = tuple(SettingChanged.__subclasses__())
"""The events by which levels change: every one that is defined above."""

# ------------------------------------------------------------------ state

Level = dict[str, Any]
"""The values that one level sets, by setting."""


def change_level(level: Level, event: SettingChanged) -> None:
    """Put the value of a change into its level, or take the level's value away."""
    if event.level_value is None:
        level.pop(event.setting, None)
    else:
        level[event.setting] = event.level_value


def change_levels(levels: dict[str, Level], key: str, event: SettingChanged) -> None:
    """Put the value of a change into the level of a pool or source; one without values goes.

    >>> levels: dict[str, Level] = {}
    >>> change_levels(levels, "EU", BackorderPolicyChanged(backorders="allow")), levels
    (None, {'EU': {'backorders': 'allow'}})
    >>> change_levels(levels, "EU", BackorderPolicyChanged(backorders=None)), levels
    (None, {})
    """
    level = levels.setdefault(key, {})
    change_level(level, event)
    if not level:
        del levels[key]


def is_news(level: Level, event: SettingChanged) -> bool:
    """Return whether a change would change its level at all.

    >>> is_news({}, BackorderPolicyChanged(backorders=None))
    False
    """
    return bool(level.get(event.setting) != event.level_value)


class Resolved(NamedTuple):
    """A setting's value and the level that gave it."""

    value: Any
    level: str

    def as_json(self) -> dict[str, Any]:
        """Return value and level as JSON, quantities in units."""
        value = to_number(self.value) if isinstance(self.value, int) else self.value
        return {"value": value, "level": self.level}


def resolve(setting: str, *levels: tuple[str, Level | None]) -> Resolved:
    """Find the value of a setting: the first level that sets it wins, then the default.

    ``levels`` stand from specific to general, each with its name.

    >>> resolve("backorders", ("product", {}), ("global", {"backorders": "allow"}))
    Resolved(value='allow', level='global')
    >>> resolve("manage_stock", ("product", None))
    Resolved(value='on', level='default')
    """
    for name, level in levels:
        if level is not None and setting in level:
            return Resolved(level[setting], name)
    return Resolved(DEFAULTS[setting], "default")


class Policy(NamedTuple):
    """Every setting that decides about an item in a pool, each with its level."""

    backorders: Resolved
    out_of_stock_threshold: Resolved
    only_x_left_threshold: Resolved
    notify_below: Resolved
    manage_stock: Resolved
    min_sale_quantity: Resolved
    max_sale_quantity: Resolved
    quantity_increment: Resolved

    def as_json(self) -> dict[str, Any]:
        """Return all settings as JSON, each value with its level."""
        return {name: resolved.as_json() for name, resolved in self._asdict().items()}


def resolve_policy(
    in_pool: Level | None, product: Level | None, pool: Level | None, everywhere: Level | None
) -> Policy:
    """Resolve all settings of an item in a pool from its four levels, specific to general.

    >>> resolve_policy(None, {"notify_below": 100000}, None, None).notify_below
    Resolved(value=100000, level='product')
    """
    values = {
        "product_in_pool": in_pool, "product": product, "pool": pool, "global": everywhere,
    }
    return Policy(*[
        resolve(setting, *[(level, values[level]) for level in reversed(LEVELS_OF[setting])])
        for setting in Policy._fields
    ])


def resolve_source_notice(
    in_source: Level | None, product: Level | None, source: Level | None, everywhere: Level | None
) -> Resolved | None:
    """Resolve ``notify_below`` for an item at one source, where a source-level threshold is set.

    ``None`` when neither the source nor the product in the source sets one: then only the pool's
    notice applies.

    >>> resolve_source_notice(None, {"notify_below": 5}, None, None) is None
    True
    >>> resolve_source_notice(None, {"notify_below": 5}, {"notify_below": 9}, None)
    Resolved(value=5, level='product')
    """
    if "notify_below" not in (in_source or {}) and "notify_below" not in (source or {}):
        return None
    return resolve(
        "notify_below",
        ("product_in_source", in_source), ("product", product),
        ("source", source), ("global", everywhere),
    )
