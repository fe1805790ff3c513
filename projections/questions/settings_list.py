"""The list of settings: every level that sets a value, of everything, a pool, a source or an item.

A setting that no level sets has its default, and is not listed. As of an earlier moment the values
of items are those that the events of settings gave them by then.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from stocktrail.ledger.configuration import SETTING_EVENTS, Level, SettingChanged
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.recorded_events import recorded_events
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.lists.definition import TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import RowsInMemory
from stocktrail.projections.answers.shapes.shape import Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.event_search.search import EventSearch
from stocktrail.projections.event_search.wanted import Wanted
from stocktrail.projections.models.setting_levels import SETTING_LEVEL, put_level
from stocktrail.projections.questions.fields import ItemId
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import AsOf, Example, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels

LevelName = Literal[
    "global", "pool", "source", "product", "product_in_pool", "product_in_source"
]
_LEVELS: Mapping[tuple[bool, bool, bool], LevelName] = {
    (False, False, False): "global", (False, True, False): "pool", (False, False, True): "source",
    (True, False, False): "product", (True, True, False): "product_in_pool",
    (True, False, True): "product_in_source",
}
"""The level of a value by whether it is of an item, in a pool, at a source."""

_STREAMS_OF_ITEMS = "stock/*"


class SetValue(Shape):
    """A value that a level sets: of which setting, and for what."""

    setting: str
    level: LevelName
    sku: str | None
    pool: str | None
    source: str | None
    value: float | str
    of_everything: bool
    of_a_pool: bool
    of_a_source: bool
    of_an_item: bool


class SettingsReport(ListReport):
    """A page of the list of settings."""

    rows: list[SetValue]


class SettingList(Listed, AsOf, Question[SettingsReport]):
    """Every value that is set: of everything, of pools, of sources, of items."""

    question: ClassVar[str] = "settings-list"
    address: ClassVar[str | None] = "/settings"
    example: ClassVar[Example] = {}
    definition: ClassVar[ListDefinition] = ListDefinition(
        "settings",
        key=("setting", "sku", "pool", "source"),
        columns={"setting": TEXT, "level": TEXT, "sku": TEXT, "pool": TEXT, "source": TEXT},
        facets=("of_everything", "of_a_pool", "of_a_source", "of_an_item"),
        searched=("setting", "sku", "pool", "source"),
    )

    item: ItemId | None = Field(default=None, description="Only what is set for this item.")

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page."""
        wanted = self.wanted
        with open_as_of(models, self.position(models)) as (reading, past):
            rows = _now(reading) if past is None else _then(models.ledger, past)
            found = [row for row in rows if self.item in (None, row["sku"])]
            return self.listed(
                RowsInMemory(wanted, found), finish=self._with_none,
                as_of=reading.position if past is None else past.position,
            )

    def _with_none(self, rows: Sequence[Row]) -> list[Mapping[str, Any]]:
        """Return rows with ``None`` for what a level is not about; keys cannot hold it."""
        return [
            self.definition.report_row(row)
            | {name: row[name] or None for name in ("sku", "pool", "source")} for row in rows
        ]


def _row(sku: str, pool: str, source: str, setting: str, value: Any) -> dict[str, Any]:
    return {
        "setting": setting, "level": _LEVELS[bool(sku), bool(pool), bool(source)],
        "sku": sku, "pool": pool, "source": source,
        "value": to_number(value) if isinstance(value, int) else value,
        "of_everything": not (sku or pool or source), "of_a_pool": bool(pool),
        "of_a_source": bool(source), "of_an_item": bool(sku),
    }


def _now(reading: Reading) -> Iterator[dict[str, Any]]:
    for row in reading.place.table(SETTING_LEVEL).rows(reading.cursor):
        level: Level = {}
        put_level(level, row)
        yield _row(
            row["sku"], row["pool"], row["source"], row["setting"], level[row["setting"]]
        )


def _then(ledger: Ledger, past: LedgerAsOf) -> Iterator[dict[str, Any]]:
    for pool, source, level in _levels_of(past.settings):
        for setting, value in level.items():
            yield _row("", pool, source, setting, value)
    for (sku, pool, source, setting), value in _of_items(ledger, past.position).items():
        if value is not None:
            yield _row(sku, pool, source, setting, value)


def _levels_of(settings: Settings) -> Iterator[tuple[str, str, Level]]:
    yield "", "", settings.everywhere
    for pool, level in settings.in_pool.items():
        yield pool, "", level
    for source, level in settings.in_source.items():
        yield "", source, level


def _of_items(ledger: Ledger, position: int) -> dict[tuple[str, str, str, str], Any]:
    """Return what was set last for items by a position: the index of events names the rows."""
    types = frozenset(kind.__name__ for kind in SETTING_EVENTS)
    last = ledger.log_recorder.sequence_at(position)
    found: dict[tuple[str, str, str, str], Any] = {}
    for rows in EventSearch(ledger).forwards(Wanted(types, _STREAMS_OF_ITEMS), 0, last):
        for row in rows:
            for recorded in recorded_events(row):
                event = recorded.payload
                if isinstance(event, SettingChanged) and event.sku and (
                    recorded.position <= position
                ):
                    key = (event.sku, event.pool or "", event.source or "", event.setting)
                    found[key] = event.level_value
    return found
