"""Batches: commands that are folded together; one that reaches every item is a batch by itself."""

from collections.abc import Iterator, Sequence

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SETTING_EVENTS, ManageStockChanged, SettingChanged
from stocktrail.ledger.settings import (
    PoolDefined,
    PromiseRulesChanged,
    Settings,
    SourceDisabled,
    SourceEnabled,
)

Command = Sequence[RecordedEvent]
"""The events of one command, in order."""

_SETTINGS = f"{Settings.category}/"

MOVES_SUPPLY = (SourceEnabled, SourceDisabled, PoolDefined)
"""Events of the settings that change what pools have of any item."""

MOVES_PROMISES = (
    PoolDefined, PromiseRulesChanged, SourceEnabled, SourceDisabled, ManageStockChanged,
)
"""Events of the settings that change what any line is pegged to."""

_MAY_REACH_EVERY_ITEM = {*SETTING_EVENTS, *MOVES_SUPPLY, *MOVES_PROMISES}

_MOVES_NO_NOTICE = {
    "only_x_left_threshold", "min_sale_quantity", "max_sale_quantity", "quantity_increment",
}
"""Settings that low stock does not depend on; any other one may raise a notice of every item."""


def reaches_every_item(event: Event) -> bool:
    """Return whether an event of the settings' own stream can change the numbers of any item."""
    if isinstance(event, SettingChanged):
        return event.sku is None and event.setting not in _MOVES_NO_NOTICE
    return isinstance(event, (*MOVES_SUPPLY, *MOVES_PROMISES))


def stands_alone(batch: Sequence[Command]) -> bool:
    """Return whether a batch has a command that reaches every item, and so must be alone."""
    kinds = {type(recorded[2]) for command in batch for recorded in command}
    return not kinds.isdisjoint(_MAY_REACH_EVERY_ITEM) and any(
        recorded.originator_id.startswith(_SETTINGS) and reaches_every_item(recorded.payload)
        for command in batch for recorded in command
    )


def batches(commands: Sequence[Command]) -> Iterator[Sequence[Command]]:
    """Yield commands in batches; one that reaches every item is a batch by itself.

    It reads all items from their tables, so everything before it must have been saved.
    """
    if not stands_alone(commands):
        yield from [commands] if commands else []
        return
    batch: list[Command] = []
    for command in commands:
        if stands_alone([command]):
            if batch:
                yield batch
            yield [command]
            batch = []
        else:
            batch.append(command)
    if batch:
        yield batch
