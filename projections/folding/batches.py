"""Batches: what is folded at once; a command or group that may reach every item stands alone."""

from collections.abc import Iterator, Sequence

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SETTING_EVENTS, ManageStockChanged, SettingChanged
from stocktrail.ledger.settings import (
    PoolDefined,
    PromiseRulesChanged,
    Settings,
    SourceDisabled,
    SourceEnabled,
)
from stocktrail.projections.models.low_stock import MOVES_NO_NOTICE
from stocktrail.projections.recorded_together import RecordedTogether

Batch = Sequence[RecordedTogether]
"""What is folded at once: commands, and groups as a whole, in the order of the log."""

_SETTINGS = f"{Settings.category}/"

MOVES_SUPPLY = (SourceEnabled, SourceDisabled, PoolDefined)
"""Events of the settings that change what pools have of any item."""

MOVES_PROMISES = (
    PoolDefined, PromiseRulesChanged, SourceEnabled, SourceDisabled, ManageStockChanged,
)
"""Events of the settings that change what any line is pegged to."""

_MAY_REACH_EVERY_ITEM = {*SETTING_EVENTS, *MOVES_SUPPLY, *MOVES_PROMISES}


def begins_log(batch: Batch) -> bool:
    """Return whether a batch begins with the first event of the log, so that nothing is stored."""
    return batch[0][0].position == 1


def reaches_every_item(event: Event) -> bool:
    """Return whether an event of the settings' own stream can change the numbers of any item."""
    if isinstance(event, SettingChanged):
        return event.sku is None and event.setting not in MOVES_NO_NOTICE
    return isinstance(event, (*MOVES_SUPPLY, *MOVES_PROMISES))


def stands_alone(batch: Batch) -> bool:
    """Return whether anything in a batch may reach every item, and so must be a batch by itself."""
    kinds = {type(recorded[2]) for together in batch for recorded in together}
    return not kinds.isdisjoint(_MAY_REACH_EVERY_ITEM) and any(
        recorded.originator_id.startswith(_SETTINGS) and reaches_every_item(recorded.payload)
        for together in batch for recorded in together
    )


def batches(recorded: Batch) -> Iterator[Batch]:
    """Yield what was recorded in batches; what may reach every item is a batch by itself.

    Whom it concerns is looked up in the tables, so everything before it must have been saved.
    """
    if not stands_alone(recorded):
        yield from [recorded] if recorded else []
        return
    batch: list[RecordedTogether] = []
    for together in recorded:
        if stands_alone([together]):
            if batch:
                yield batch
            yield [together]
            batch = []
        else:
            batch.append(together)
    if batch:
        yield batch
