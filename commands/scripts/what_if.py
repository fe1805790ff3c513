"""Rerun: the commands of a ledger decided again in another one, under other settings.

Accepted and refused commands alike come in the order and at the times at which they were decided,
those of a group together. With the settings as they were every one of them ends as it did, event
for event.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple, get_args
from uuid import uuid4

from stocktrail.commands.epochs import NewEpoch
from stocktrail.commands.kept_spelling import as_recorded
from stocktrail.commands.model import COMMANDS, Command, CommandEnvelope
from stocktrail.commands.scripts.strict_json import parse_json
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.reallocation import Strategy
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.events import BackorderAllocated
from stocktrail.ledger.store import Ledger, Outcome
from stocktrail.ledger.store.engine.decided import Decided
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork
from stocktrail.ledger.store.side_tables.ciphertext import Ciphertext

COMMANDS_AT_ONCE = 500
"""How many commands are decided in one transaction."""

_THRESHOLDS = ("out_of_stock", "notify_below", "only_x_left")
_RULES = ("min_sale", "max_sale", "increment")
ALLOCATION = "allocation"
NAMES = ("backorders", *_THRESHOLDS, "manage", *_RULES, ALLOCATION)
"""What can be set otherwise."""


class Rerun(NamedTuple):
    """One command of the log, how it ended, and how it ends under the other settings."""

    id: str
    command: str
    before: str
    after: Literal["accepted", "rejected", "group_failed", "duplicate", "conflict", "left_out"]
    code: str | None = None
    message: str | None = None


class _Again(CommandEnvelope):
    """A command of the log: whether it had occurred was judged when it was sent."""

    __slots__ = ()

    def decide(self, work: UnitOfWork) -> Decision:
        """Let the command decide."""
        return self.decide_again(work)


_Unit = list[tuple[Outcome, CommandEnvelope]]


class Clock:
    """A clock that tells, one after the other, the times at which commands were decided."""

    def __init__(self) -> None:
        self.times: list[int] = []

    def __call__(self) -> int:
        """Return the next time; the last one again once there is no other."""
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]


class OtherSettings:
    """The settings to be tried: each holds from the start, for everything.

    Commands of the log that set the same are left out, at whatever level they set it. With an
    ``allocation`` the backorders of an item are allocated by that strategy whenever units went to
    its queue.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        unknown = [name for name in values if name not in NAMES]
        if unknown:
            raise Refusal(
                "unknown_setting",
                f"There is no setting {unknown[0][:60]!r} to try; they are {', '.join(NAMES)}.",
            )
        self.values: dict[str, str] = dict(values)
        self.strategy: str | None = self.values.get(ALLOCATION)
        if self.strategy is not None and self.strategy not in get_args(Strategy):
            raise Refusal(
                "unknown_strategy",
                f"There is no strategy {self.strategy[:60]!r}; they are "
                f"{', '.join(get_args(Strategy))}.",
            )

    def first(self) -> list[Command]:
        """Return the commands that set everything at the start.

        Raises pydantic's ``ValidationError`` for a value that a setting cannot have.
        """
        found: list[dict[str, Any]] = []
        if "backorders" in self.values:
            found.append({"command": "set-backorder-policy",
                          "backorders": self.values["backorders"]})
        found += [
            {"command": "change-threshold", "threshold": name, "value": self.values[name]}
            for name in _THRESHOLDS if name in self.values
        ]
        if "manage" in self.values:
            found.append({"command": "set-manage-stock", "manage": self.values["manage"]})
        rules = {name: self.values[name] for name in _RULES if name in self.values}
        if rules:
            found.append({"command": "set-quantity-rules", **rules})
        return [_model(row) for row in found]

    def applied_to(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Take out of a command of the log what is set otherwise; ``None`` leaves nothing."""
        name = row["command"]
        is_set = (
            (name == "set-backorder-policy" and "backorders" in self.values)
            or (name == "set-manage-stock" and "manage" in self.values)
            or (name == "change-threshold" and row["threshold"] in self.values)
        )
        if is_set:
            return None
        if name == "set-quantity-rules" and any(rule in self.values for rule in _RULES):
            row = {key: value for key, value in row.items() if key not in self.values}
            return row if any(rule in row for rule in _RULES) else None
        return row


def rerun(
    original: Ledger, other: Ledger, clock: Clock, settings: OtherSettings
) -> Iterator[Rerun]:
    """Decide the commands of a ledger again in an empty one that reads this clock."""
    clock.times = [0]
    other.writer.looks_up = True         # the clock tells each time once: nothing is decided again
    first = settings.first()
    if first:
        earliest = original.read(0, 1)
        clock.times = [max((earliest[0].recorded_at if earliest else 1) - len(first), 0)]
        other.writer.write([[CommandEnvelope(command, uuid4().hex)] for command in first])
    at_once = 1 if settings.strategy else COMMANDS_AT_ONCE
    batch: list[_Unit] = []
    for outcomes in _units(original):
        unit: _Unit = []
        for outcome in outcomes:
            row = settings.applied_to(parse_json(outcome.body.decode()))
            if row is None:
                yield Rerun(outcome.command_id, _name(outcome), outcome.status, "left_out")
            else:
                unit.append((outcome, _Again(_model(row), outcome.command_id)))
        if len(unit) > 1:                # alone: if it fails not all of its times are read
            yield from _decided(other, clock, settings, batch)
            yield from _decided(other, clock, settings, [unit])
            batch = []
        elif unit:
            batch.append(unit)
        if len(batch) >= at_once:
            yield from _decided(other, clock, settings, batch)
            batch = []
    yield from _decided(other, clock, settings, batch)


def _units(original: Ledger) -> Iterator[list[Outcome]]:
    """Return the commands in order; those that were recorded or failed together come together."""
    for _, unit in groupby(original.outcomes_with_groups(), key=_decided_with):
        yield [outcome for _, outcome in unit]


def _decided_with(each: tuple[int | None, Outcome]) -> int | str:
    """Return what the commands of a group have in common: its number, or which of them failed."""
    group, outcome = each
    if outcome.status == "accepted":
        return outcome.sequence if group is None else group
    if outcome.status == "group_failed":
        return str(outcome.result["failed_id"])
    return outcome.command_id


def _decided(
    other: Ledger, clock: Clock, settings: OtherSettings, units: Sequence[_Unit]
) -> Iterator[Rerun]:
    if not units:
        return
    clock.times = [_decided_at(outcome) for unit in units for outcome, _ in unit]
    answers = other.writer.write([[envelope for _, envelope in unit] for unit in units])
    for unit, decided in zip(units, answers, strict=True):
        for (outcome, _), answer in zip(unit, decided, strict=True):
            yield _ended(outcome, answer)
        for answer in decided:
            _allocate(other, settings, answer)


def _decided_at(outcome: Outcome) -> int:
    """Return when a command was decided; 0, which is as soon as possible, where that is not kept.

    Of a group that failed the time is kept at which the one failed that the others failed with.
    """
    return 0 if outcome.status == "group_failed" else outcome.recorded_at


def _allocate(other: Ledger, settings: OtherSettings, decided: Decided) -> None:
    """Distribute the units of items again whose queue was just given some, if by a strategy."""
    if settings.strategy is None or decided.status != "accepted":
        return
    for sku in dict.fromkeys(
        event.payload.sku for event in decided.events
        if isinstance(event.payload, BackorderAllocated)
    ):
        fields = {"command": "allocate-backorders", "sku": sku, "strategy": settings.strategy}
        other.writer.write([[CommandEnvelope(_model(fields), uuid4().hex)]])


def _ended(outcome: Outcome, decided: Decided) -> Rerun:
    return Rerun(
        outcome.command_id, _name(outcome), outcome.status, decided.status,
        decided.result.get("code"), decided.result.get("message"),
    )


def _name(outcome: Outcome) -> str:
    return str(parse_json(outcome.body.decode())["command"])


def _model(row: dict[str, Any]) -> Command:
    """Make a command of the log again; what was sealed in it stays as it was sealed."""
    name = row["command"]
    model = NewEpoch if name == NewEpoch.command else COMMANDS[name]
    seals = {name: Ciphertext(row[name]) for name in model.personal if row.get(name) is not None}
    fields = {
        name: value for name, value in row.items() if name != "command" and name not in seals
    }
    return as_recorded(model, fields).model_copy(update=seals)
