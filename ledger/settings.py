"""Settings: sources, pools that sell from them, and what holds globally, per pool and source.

One aggregate for the whole ledger. Source ``default`` and pool ``default`` exist from the start.

Rules 1.2 and 1.3 are the source.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import (
    DEFAULTS,
    SETTING_EVENTS,
    Level,
    Policy,
    SettingChanged,
    change_level,
    change_levels,
    is_news,
    resolve_policy,
)
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.time_zone import DEFAULT_ZONE
from stocktrail.ledger.wording import because

SETTINGS_KEY = "ledger"
"""The one business key of this aggregate: its stream is ``settings/ledger``."""

DEFAULT_OVERDUE_OFFSET_DAYS = 1
"""An overdue receipt is counted on tomorrow, unless the promise rules say otherwise."""

# ------------------------------------------------------------------ events


class SourceRegistered(Event):
    """A place that holds stock was made known, or given another name. It starts enabled."""

    source: str
    name: str | None = None

    @property
    def sentence(self) -> str:
        return f"Source {self.source} was registered."


class SourceEnabled(Event):
    """The stock of a source may be sold again."""

    source: str

    @property
    def sentence(self) -> str:
        return f"Source {self.source} was enabled."


class SourceDisabled(Event):
    """The stock of a source may no longer be sold."""

    source: str

    @property
    def sentence(self) -> str:
        return f"Source {self.source} was disabled."


class PoolDefined(Event):
    """A pool was given its sources, the first of highest priority, or was defined again."""

    pool: str
    sources: tuple[str, ...]
    name: str | None = None

    @property
    def sentence(self) -> str:
        return (
            f"Pool {self.pool} was defined to sell from {', '.join(self.sources) or 'no source'}."
        )


class PromiseRulesChanged(Event):
    """How promise dates are computed was changed."""

    overdue_offset_days: int

    @property
    def offset(self) -> str:
        """The days as they are said: ``1 day``, ``3 days``."""
        return "1 day" if self.overdue_offset_days == 1 else f"{self.overdue_offset_days} days"

    @property
    def sentence(self) -> str:
        return f"Overdue receipts are counted {self.offset} after today."


class EpochBegan(Event):
    """The ledger goes on from a log that does not extend its newest checkpoint.

    ``finding`` says how it differs, ``checkpoint`` is the signed note that was put aside.
    """

    reason: str
    finding: str | None = None
    checkpoint: str | None = None

    @property
    def sentence(self) -> str:
        return f"A new epoch began{because(self.reason)}. {self.finding or ''}".rstrip()


class TimeZoneChanged(Event):
    """From here on, the shop's days are those of this time zone."""

    zone: str

    @property
    def sentence(self) -> str:
        return f"The shop's days are those of the time zone {self.zone} from here on."

# ------------------------------------------------------------------ state


class Settings(Aggregate):
    """What holds for the whole ledger: sources, pools and the general levels of every setting."""

    __slots__ = (
        "disabled", "everywhere", "in_pool", "in_source", "names", "overdue_offset_days",
        "policies", "pools", "sources", "time_zone",
    )

    category = "settings"

    def __init__(self, stream: str = f"settings/{SETTINGS_KEY}") -> None:
        super().__init__(stream)
        self.sources: set[str] = {"default"}
        self.disabled: set[str] = set()
        self.pools: dict[str, tuple[str, ...]] = {"default": ("default",)}
        self.names: dict[str, str] = {}
        self.overdue_offset_days: int = DEFAULT_OVERDUE_OFFSET_DAYS
        self.time_zone: str = DEFAULT_ZONE
        self.everywhere: Level = {}
        self.in_pool: dict[str, Level] = {}
        self.in_source: dict[str, Level] = {}
        self.policies: dict[str, Policy] = {}

    def _source_registered(self, event: SourceRegistered) -> None:
        self.sources.add(event.source)
        if event.name is not None:
            self.names[f"source/{event.source}"] = event.name

    def _source_enabled(self, event: SourceEnabled) -> None:
        self.disabled.discard(event.source)

    def _source_disabled(self, event: SourceDisabled) -> None:
        self.disabled.add(event.source)

    def _pool_defined(self, event: PoolDefined) -> None:
        self.pools[event.pool] = event.sources
        if event.name is not None:
            self.names[f"pool/{event.pool}"] = event.name

    def _promise_rules_changed(self, event: PromiseRulesChanged) -> None:
        self.overdue_offset_days = event.overdue_offset_days

    def _time_zone_changed(self, event: TimeZoneChanged) -> None:
        self.time_zone = event.zone

    def _epoch_began(self, event: EpochBegan) -> None:
        """Keep nothing: what an epoch is about is only in its event."""

    def _setting_changed(self, event: SettingChanged) -> None:
        self.policies.clear()
        if event.pool is not None:
            change_levels(self.in_pool, event.pool, event)
        elif event.source is not None:
            change_levels(self.in_source, event.source, event)
        else:
            change_level(self.everywhere, event)

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        SourceRegistered: _source_registered,
        SourceEnabled: _source_enabled,
        SourceDisabled: _source_disabled,
        PoolDefined: _pool_defined,
        PromiseRulesChanged: _promise_rules_changed,
        TimeZoneChanged: _time_zone_changed,
        EpochBegan: _epoch_began,
        **dict.fromkeys(SETTING_EVENTS, _setting_changed),
    }

    def to_state(self) -> dict[str, Any]:
        """Return sources, pools and levels as JSON values."""
        return {
            "sources": sorted(self.sources),
            "disabled": sorted(self.disabled),
            "pools": {pool: list(sources) for pool, sources in self.pools.items()},
            "names": self.names,
            "overdue_offset_days": self.overdue_offset_days,
            "time_zone": self.time_zone,
            "everywhere": self.everywhere,
            "in_pool": self.in_pool,
            "in_source": self.in_source,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Replace the state by one that :meth:`to_state` returned, of an earlier version too."""
        self.sources = set(state["sources"])
        self.disabled = set(state["disabled"])
        self.pools = {pool: tuple(sources) for pool, sources in state["pools"].items()}
        # Earlier versions kept it, too, of what has no name.
        self.names = {what: name for what, name in state["names"].items() if name is not None}
        # Snapshots that were taken before there were promise rules do not have them.
        self.overdue_offset_days = state.get("overdue_offset_days", DEFAULT_OVERDUE_OFFSET_DAYS)
        self.time_zone = state.get("time_zone", DEFAULT_ZONE)        # nor those before zones
        self.everywhere = state["everywhere"]
        self.in_pool = state["in_pool"]
        self.in_source = state["in_source"]

    def clone(self) -> Self:
        """Copy the settings with all their levels."""
        copy = self.blank_copy()
        copy.sources = set(self.sources)
        copy.disabled = set(self.disabled)
        copy.pools = dict(self.pools)
        copy.names = dict(self.names)
        copy.overdue_offset_days = self.overdue_offset_days
        copy.time_zone = self.time_zone
        copy.everywhere = dict(self.everywhere)
        copy.in_pool = {pool: dict(level) for pool, level in self.in_pool.items()}
        copy.in_source = {source: dict(level) for source, level in self.in_source.items()}
        return copy

    def level(self, pool: str | None, source: str | None) -> Level:
        """Return the values that are set for a pool, at a source, or globally."""
        if pool is not None:
            return self.in_pool.get(pool, {})
        if source is not None:
            return self.in_source.get(source, {})
        return self.everywhere

    def policy(self, pool: str) -> Policy:
        """Resolve every setting in a pool for the items that have no levels of their own."""
        policy = self.policies.get(pool)
        if policy is None:
            policy = resolve_policy(None, None, self.in_pool.get(pool), self.everywhere)
            self.policies[pool] = policy
        return policy

    def manages(self, own: str | None) -> bool:
        """Return whether stock is counted, by an item's ``own`` setting or, without, that of all.

        >>> Settings("settings/ledger").manages(None), Settings("settings/ledger").manages("off")
        (True, False)
        """
        of_all: str = self.everywhere.get("manage_stock", DEFAULTS["manage_stock"])
        return (own or of_all) == "on"

    def sources_of(self, pool: str) -> tuple[str, ...]:
        """Return the sources of a pool in order of priority; refuses a pool nobody defined."""
        self.require_pool(pool)
        return self.pools[pool]

    def changed_sources(self, pool: str, sources: Iterable[str]) -> set[str]:
        """Return the sources that a pool would gain or lose by being defined with these."""
        return set(self.pools.get(pool, ())) ^ set(sources)

    def pools_with(self, source: str) -> list[str]:
        """Return the pools that a source serves."""
        return [pool for pool, sources in self.pools.items() if source in sources]

    def sellable(
        self, on_hand: Mapping[str, int], out_of_stock: Collection[str]
    ) -> dict[str, int]:
        """Count the units of an item that may be sold, by source: enabled and in stock there."""
        disabled = self.disabled
        return {
            source: quantity for source, quantity in on_hand.items()
            if source not in out_of_stock and source not in disabled
        }

    # -------------------------------------------------------------- decisions

    def require_source(self, source: str) -> None:
        """Refuse a source that was never registered."""
        if source not in self.sources:
            raise Refusal(
                "unknown_source",
                f"There is no source {source}. Register it with register-source first.",
                source=source,
            )

    def require_pool(self, pool: str) -> None:
        """Refuse a pool that was never defined."""
        if pool not in self.pools:
            raise Refusal(
                "unknown_pool",
                f"There is no pool {pool}. Define it with define-pool first.",
                pool=pool,
            )

    def register_source(self, source: str, name: str | None) -> list[Event]:
        """Make a source known; again with another name renames it, the same changes nothing."""
        if source in self.sources and (name is None or self.names.get(f"source/{source}") == name):
            return []
        return [SourceRegistered(source=source, name=name)]

    def enable_source(self, source: str) -> list[Event]:
        """Let the stock of a source be sold."""
        self.require_source(source)
        return [SourceEnabled(source=source)] if source in self.disabled else []

    def disable_source(self, source: str) -> list[Event]:
        """Keep the stock of a source from being sold."""
        self.require_source(source)
        return [] if source in self.disabled else [SourceDisabled(source=source)]

    def define_pool(self, pool: str, sources: Sequence[str], name: str | None) -> list[Event]:
        """Define a pool's sources, or define them again; without a name it keeps the one it has."""
        for source in sources:
            self.require_source(source)
        name = self.names.get(f"pool/{pool}") if name is None else name
        if self.pools.get(pool) == tuple(sources) and self.names.get(f"pool/{pool}") == name:
            return []
        return [PoolDefined(pool=pool, sources=tuple(sources), name=name)]

    def set_promise_rules(self, overdue_offset_days: int) -> list[Event]:
        """Decide how many days after today a receipt that is overdue is counted on."""
        if overdue_offset_days == self.overdue_offset_days:
            return []
        return [PromiseRulesChanged(overdue_offset_days=overdue_offset_days)]

    def set_time_zone(self, zone: str) -> list[Event]:
        """Decide in which time zone the shop counts its days."""
        return [] if zone == self.time_zone else [TimeZoneChanged(zone=zone)]

    def begin_epoch(
        self, reason: str, finding: str | None, checkpoint: str | None
    ) -> Sequence[Event]:
        """Go on from a log that is not what was signed."""
        return [EpochBegan(reason=reason, finding=finding, checkpoint=checkpoint)]

    def change_settings(self, changes: Iterable[SettingChanged]) -> list[Event]:
        """Set or remove values at the global, the pool's or the source's level."""
        return self.news(changes, self.level)

    def news(
        self, changes: Iterable[SettingChanged],
        level: Callable[[str | None, str | None], Level],
    ) -> list[Event]:
        """Return those changes that change their level, of a pool, at a source, or of neither.

        Refuses one for a pool or a source that nobody knows.
        """
        events: list[Event] = []
        for change in changes:
            if change.pool is not None:
                self.require_pool(change.pool)
            if change.source is not None:
                self.require_source(change.source)
            if is_news(level(change.pool, change.source), change):
                events.append(change)
        return events
