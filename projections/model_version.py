"""The version of the live read models: the position they are at, and how often they were rebuilt.

Whoever folds into them, or replaces them, compares it before writing: another process may have been
faster.
"""

from typing import NamedTuple

from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.models.version import TRACKED_AS

REBUILDS = "read_models.rebuilds"
"""The name under which the database counts how often its read models were replaced."""


class ModelVersion(NamedTuple):
    """Position and number of rebuilds; no position when there are no read models yet."""

    position: int | None
    rebuilds: int


def model_version(progress: SideTables, cursor: DatabaseCursor) -> ModelVersion:
    """Return the version of the live read models, as a transaction sees it."""
    position, rebuilds = progress.positions(cursor, [TRACKED_AS, REBUILDS])
    return ModelVersion(position, rebuilds or 0)
