"""Spelling: a question finds an id whatever Unicode form it is written in."""

from typing import Any

from stocktrail.ledger.spelling import known_spelling
from stocktrail.ledger.store import Ledger
from stocktrail.projections.folded_settings import folded_settings


def spelling_in(ledger: Ledger, kind: str, text: str) -> str:
    """Return an id in the spelling that the ledger keeps; composed (NFC) when it is unknown.

    ``kind`` is ``source``, ``pool``, or a category of streams such as ``stock``.
    """
    if text.isascii():
        return text
    if kind in ("source", "pool"):
        settings = folded_settings(ledger)
        known: Any = settings.sources if kind == "source" else settings.pools
        return known_spelling(text, known.__contains__)
    head = ledger.head().position
    return known_spelling(text, lambda each: ledger.version_at(f"{kind}/{each}", head) > 0)


def known_stream(ledger: Ledger, stream: str) -> str:
    """Return the name of a stream, or a prefix of names, in the spelling that the ledger keeps."""
    kind, _, key = stream.partition("/")
    return f"{kind}/{spelling_in(ledger, kind, key)}" if key else stream
