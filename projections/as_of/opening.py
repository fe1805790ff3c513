"""Opening the past: which clock is asked by, and whether the read models have come far enough."""

from collections.abc import Iterator
from contextlib import contextmanager

from stocktrail.projections.as_of.by_occurred_time import OccurredPast
from stocktrail.projections.as_of.by_recorded_time import RecordedPast
from stocktrail.projections.as_of.facts import Past
from stocktrail.projections.read_models import Reading, ReadModels


@contextmanager
def past_of(
    models: ReadModels, as_of: int | None, occurred_until: int | None = None
) -> Iterator[tuple[Reading, Past | None]]:
    """Return the read models that stand now, and the past that is asked about (``None``: now).

    Refuses a position that the log has not reached (``unknown_position``).
    """
    if as_of is not None:
        models.require_position(as_of)
        if as_of > (models.position() or 0):
            models.catch_up()
    with models.reading() as reading:
        if occurred_until is not None:
            position = reading.position if as_of is None else as_of
            yield reading, OccurredPast(models.ledger, reading, position, occurred_until)
        elif as_of is None or as_of == reading.position:
            yield reading, None
        else:
            yield reading, RecordedPast(models.ledger, reading, as_of)
