"""Dry runs of several commands as one atomic group: what it would record, and whom it moves."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.reading import row_of
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.interfaces.dashboard.dry_run import outcome_digest, preview_of_events
from stocktrail.ledger.store import Ledger


class GroupDryRun(NamedTuple):
    """The outcome of a dry run of a group: all that it would record, or every refusal.

    ``results`` are those of the commands, in order. Without a refusal they are of the whole group;
    else each is of the command alone, after those before it that would be accepted. ``sentences``
    tell of what the commands are about, not of every item; ``preview`` and ``seen`` are as of a
    single :class:`~stocktrail.interfaces.dashboard.dry_run.DryRun`.
    """

    commands: tuple[Command, ...]
    results: list[Result]
    sentences: list[str]
    events: int
    messages: list[str]
    preview: dict[str, Any]
    seen: str

    @property
    def judged_at(self) -> int:
        """The position that the group was judged at."""
        return self.results[0].judged_at or 0

    @property
    def would_be_recorded(self) -> bool:
        """Whether the whole group would be accepted."""
        return not self.refused

    @property
    def refused(self) -> list[Result]:
        """The results of the commands that would be refused."""
        return [result for result in self.results if result.status not in DONE]

    @property
    def others(self) -> tuple[Command, ...]:
        """The commands that would be accepted."""
        return tuple(
            command for command, result in zip(self.commands, self.results, strict=True)
            if result.status in DONE
        )

    def at_their_versions(self, ledger: Ledger) -> list[Command]:
        """Return the commands, the first of each aggregate with the version that it was tried at.

        What those of the group recorded before is no change by others.
        """
        touched: set[str] = set()
        found: list[Command] = []
        for command, result in zip(self.commands, self.results, strict=True):
            stream = command.stream()
            if stream not in touched:
                version = ledger.version_at(stream, self.judged_at)
                command = command.model_copy(update={"expected_version": version})
            touched |= {stream, *(event.originator_id for event in result.recorded)}
            found.append(command)
        return found


def group_dry_run(ledger: Ledger, commands: Sequence[Command]) -> GroupDryRun:
    """Decide commands together without recording anything, and return the outcome.

    Where the group would be refused every command is tried, so that all refusals are known.
    """
    rows = [
        row_of(command.model_copy(update={"expected_version": None}), line, uuid4().hex)
        for line, command in enumerate(commands, 1)
    ]
    results = list(submit(ledger, [rows], mode="atomic", dry_run=True))
    whole = all(result.status in DONE for result in results)
    if not whole:
        results = list(submit(ledger, [rows], mode="continue", dry_run=True))
    events = [event for result in results for event in result.recorded] if whole else []
    preview = preview_of_events(ledger, events)
    every_sentence = [event.payload.sentence for event in events]
    messages = list(dict.fromkeys(text for result in results for text in result.messages))
    outcomes = [(result.status, result.code) for result in results]
    return GroupDryRun(
        tuple(commands), results, _sentences(commands, results) if whole else [], len(events),
        messages if whole else [], preview, outcome_digest(outcomes, every_sentence, preview),
    )


def _sentences(commands: Sequence[Command], results: Sequence[Result]) -> list[str]:
    """Return the sentences of the events of what each command is about; of all if there is none.

    Each begins with what it is about, which the sentence itself need not say.
    """
    found: list[str] = []
    for command, result in zip(commands, results, strict=True):
        own = [each for each in result.recorded if each.originator_id == command.stream()]
        for event in own or result.recorded:
            about = event.originator_id.partition("/")[2]
            found.append(f"{about}: {event.payload.sentence}" if about else event.payload.sentence)
    return found
