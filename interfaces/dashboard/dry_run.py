"""Dry runs for forms: what a command would record, and whose promise would move.

A digest of the outcome (``seen``) is part of the form. Applying the form does the dry run again:
when the outcome has another digest by then, it is shown instead.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

import orjson

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.reallocation_preview import reallocation_preview

MOVED = "The world has moved since you looked: here is what the same would do now."
"""What is said above a dry run that was done again, because its outcome is another now."""


class DryRun(NamedTuple):
    """The outcome of a dry run: the result, a sentence per event, and who gains, loses or slips.

    ``version`` is that of the command's aggregate before the run, ``seen`` a digest of the outcome.
    """

    result: Result
    sentences: list[str]
    preview: dict[str, Any]
    version: int
    seen: str

    @property
    def judged_at(self) -> int:
        """The position that the command was judged at."""
        return self.result.judged_at or 0

    @property
    def messages(self) -> Sequence[str]:
        """What the command says besides its events."""
        return self.result.messages

    @property
    def would_be_recorded(self) -> bool:
        """Whether the command would be accepted."""
        return self.result.status in DONE


def dry_run(ledger: Ledger, command: Command) -> DryRun:
    """Decide a command without recording anything, and return the outcome."""
    version = ledger.aggregate(command.stream()).version
    tried = command.model_copy(update={"id": uuid4().hex, "expected_version": None})
    result = submit_one(ledger, tried, dry_run=True)
    events = result.recorded if result.status in DONE else ()
    preview = preview_of_events(ledger, events)
    sentences = [event.payload.sentence for event in result.recorded]
    seen = outcome_digest([(result.status, result.code)], sentences, preview)
    return DryRun(result, sentences, preview, version, seen)


def preview_of_events(ledger: Ledger, events: Sequence[RecordedEvent]) -> dict[str, Any]:
    """Return who gains, who loses and whose promise moves by events that were tried."""
    if not events:
        return {"gains": [], "loses": [], "slips": [], "moves": []}
    models = ReadModels(ledger)
    models.catch_up()
    return reallocation_preview(models, events)


def outcome_digest(
    outcomes: Sequence[tuple[str, str | None]], sentences: Sequence[str],
    preview: Mapping[str, Any],
) -> str:
    """Return a digest of what a dry run showed, by which another outcome is known."""
    moves = {name: preview[name] for name in ("gains", "loses", "slips", "moves")}
    what = [outcomes, sentences, moves]
    return blake2b(orjson.dumps(what, default=str), digest_size=16).hexdigest()
