"""Dry runs for forms: what a command would record, and whose promise would move.

A digest of the outcome (``seen``) is part of the form. Applying the form does the dry run again:
when the outcome has another digest by then, it is shown instead.
"""

from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

import orjson

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.reallocation_preview import reallocation_preview


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
    def would_be_recorded(self) -> bool:
        """Whether the command would be accepted."""
        return self.result.status in DONE


def dry_run(ledger: Ledger, command: Command) -> DryRun:
    """Decide a command without recording anything, and return the outcome."""
    version = ledger.aggregate(command.stream()).version
    tried = command.model_copy(update={"id": uuid4().hex, "expected_version": None})
    result = submit_one(ledger, tried, dry_run=True)
    preview: dict[str, Any] = {"gains": [], "loses": [], "slips": [], "moves": []}
    if result.status in DONE and result.recorded:
        models = ReadModels(ledger)
        models.catch_up()
        preview = reallocation_preview(models, result.recorded)
    sentences = [event.payload.sentence for event in result.recorded]
    moves = {name: preview[name] for name in ("gains", "loses", "slips", "moves")}
    what = [result.status, result.code, sentences, moves]
    seen = blake2b(orjson.dumps(what, default=str), digest_size=16).hexdigest()
    return DryRun(result, sentences, preview, version, seen)
