"""Previews: what a dry run says of a command that moves the queue of waiting lines."""

from typing import Any

from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.ledger.store import Ledger

MOVES_WAITING = frozenset((
    "allocate-backorders", "move-allocation", "prioritise-order", "reschedule-order",
    "confirm-purchase-order", "delay-purchase-order", "cancel-purchase-order",
))
"""Commands whose dry run says more than the log does: it asks the read models."""


def preview_of(ledger: Ledger, result: Result) -> dict[str, Any] | None:
    """Return who would gain or lose units, and whose promise would move; ``None`` otherwise."""
    shown = result.command in MOVES_WAITING and result.status in DONE
    if result.judged_at is None or not shown:
        return None
    from stocktrail.projections import ReadModels
    from stocktrail.projections.answers.reallocation_preview import reallocation_preview

    models = ReadModels(ledger)
    models.catch_up()
    return reallocation_preview(models, result.recorded)
