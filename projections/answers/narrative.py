"""Events as reports show them that explain a number by what happened."""

from collections.abc import Mapping
from typing import Any

import orjson

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.instant import to_iso

LEVELS: Mapping[str, str] = {
    "default": "by default",
    "global": "set globally",
    "pool": "set for the pool",
    "source": "set for the source",
    "product": "set for the product",
    "product_in_pool": "set for the product in the pool",
    "product_in_source": "set for the product at the source",
}
"""How each level is named in a sentence."""


def event_with_sentence(recorded: RecordedEvent) -> dict[str, Any]:
    """Return an event with its place, times, cause and content as JSON, and as a sentence."""
    return {
        "position": recorded.position,
        "recorded_at": to_iso(recorded.recorded_at),
        "occurred_at": to_iso(recorded.occurred_at),
        "type": type(recorded.payload).__name__,
        "stream": recorded.originator_id,
        "command_id": recorded.command_id,
        "actor": recorded.actor,
        "credential": recorded.credential,
        "data": orjson.loads(recorded.payload.to_json()),
        "sentence": recorded.payload.sentence,
    }
