"""Opening the ledger as of a moment: by which time, and whether the read models have reached it."""

from collections.abc import Iterator
from contextlib import contextmanager

from stocktrail.projections.as_of.by_occurred_time import LedgerAsOccurred
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.read_models import Reading, ReadModels


@contextmanager
def open_as_of(
    models: ReadModels, as_of: int | None, occurred_until: int | None = None
) -> Iterator[tuple[Reading, LedgerAsOf | None]]:
    """Yield the current read models, and the ledger as of the moment (``None``: as it is now).

    ``as_of`` is a position of the log, ``occurred_until`` an instant in microseconds. Refuses a
    position that the log has not reached (``unknown_position``).
    """
    if as_of is not None:
        models.reach(as_of)
    with models.reading() as reading:
        if occurred_until is not None:
            position = reading.position if as_of is None else as_of
            yield reading, LedgerAsOccurred(models.ledger, reading, position, occurred_until)
        elif as_of is None or as_of == reading.position:
            yield reading, None
        else:
            yield reading, LedgerAsRecorded(models.ledger, reading, as_of, models.moments)
