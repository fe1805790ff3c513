"""The check of promises: the read models promise what receipts will do, by the log alone."""

from collections.abc import Sequence
from datetime import date

from simulation.checks.violation import require
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.queues import queues_of
from stocktrail.projections.folded_settings import folded_settings
from stocktrail.projections.models.promises_today import PromisesToday

CHECK = "promises"


def compare_promises(models: ReadModels, skus: Sequence[str], today: date) -> None:
    """Require that pegs and promises are those of a queue that is pegged for the first time.

    The read models peg again only what an event has touched, from the place on that it changed.
    """
    with models.reading() as now:
        settings = folded_settings(models.ledger, now.position)
        kept = PromisesToday(now.place, now.cursor, settings, today).queues(skus)
        fresh = queues_of(LedgerAsRecorded(models.ledger, now, now.position), skus, today)
        for sku, queue in fresh.items():
            told, right = ([
                (line.key, line.pegs, line.promise_date)
                for line in each.lines.in_queue_order()
            ] for each in (kept[sku], queue))
            require(told == right, CHECK, f"lines of {sku} are promised {told}, not {right}")
