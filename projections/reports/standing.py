"""What a report about promises looks at: the read models at one position, under one today."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from ledger.settings import Settings
from projections.moment import today_at
from projections.promises_today import PromisesToday
from projections.read_models import ReadModels
from projections.setting_levels import load_settings
from projections.tables import Cursor, Place, Row, Table


class Standing(NamedTuple):
    """One consistent state of the read models, the settings that hold there, and what is today."""

    place: Place
    cursor: Cursor
    position: int
    settings: Settings
    promises: PromisesToday

    @property
    def today(self) -> date:
        """The day that is today for whoever asks."""
        return self.promises.today

    def rows(self, table: Table, condition: str = "", **parameters: object) -> list[Row]:
        """Read the rows of a table that meet a condition."""
        return self.place.table(table).rows(self.cursor, condition, **parameters)


@contextmanager
def standing_at(
    models: ReadModels, as_of: int | None, today: date | None
) -> Iterator[Standing]:
    """Look at the read models as of a position, or now, under a today.

    Without a today it is the day on which that position was recorded, or the clock's.
    """
    with models.reading_at(as_of) as reading:
        day = today_at(models.ledger, as_of) if today is None else today
        settings = load_settings(reading.place, reading.cursor)
        promises = PromisesToday(reading.place, reading.cursor, settings, day)
        yield Standing(*reading, settings, promises)
