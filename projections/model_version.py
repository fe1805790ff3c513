"""The version of the live read models: the position they are at, and how often they were rebuilt.

Whoever folds into them, or replaces them, compares it before writing: another process may have been
faster.
"""

from typing import NamedTuple

from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.folding.projector import READ_MODELS

REBUILDS = "read_models.rebuilds"
"""The name under which the database counts how often its read models were replaced."""


class ModelVersion(NamedTuple):
    """Position and number of rebuilds; no position when not all read models have the same one."""

    position: int | None
    rebuilds: int


def model_version(progress: SideTables, cursor: DatabaseCursor) -> ModelVersion:
    """Return the version of the live read models, as a transaction sees it."""
    names = [*(model.tracked_as for model in READ_MODELS), REBUILDS]
    *positions, rebuilds = progress.positions(cursor, names)
    known = [position for position in positions if position is not None]
    is_one = len(known) == len(positions) and len(set(known)) == 1
    return ModelVersion(known[0] if is_one else None, rebuilds or 0)
