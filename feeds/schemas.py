"""JSON Schemas of public events: one per type and version, generated from the event classes."""

from functools import lru_cache
from typing import Any

import msgspec

from stocktrail.feeds.cloud_events import schema_of
from stocktrail.ledger.catalogue import CATALOGUE

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def data_schema(topic: str) -> dict[str, Any]:
    """Return the JSON Schema of the data of one type of event, such as ``OrderPlaced.v1``.

    Raises ``KeyError`` for a name that is not in the catalogue.
    """
    return dict(_schemas()[topic])


def topics() -> list[str]:
    """Return every published type and version, in alphabetical order."""
    return sorted(_schemas())


def envelope_schema() -> dict[str, Any]:
    """Return the JSON Schema of the attributes that all public events share."""
    text = {"type": "string", "minLength": 1}
    moment = {"type": "string", "format": "date-time"}
    described: dict[str, tuple[dict[str, Any], str]] = {
        "specversion": ({"const": "1.0"}, "The version of CloudEvents."),
        "id": (text, "The same for ever, and for no other event of this source."),
        "source": (text | {"format": "uri-reference"}, "The ledger."),
        "type": (text, "The type with its version, such as stocktrail.OrderPlaced.v1."),
        "subject": (text, "The stream: its category and business key, such as order/SO-1."),
        "time": (moment, "When it occurred."),
        "recordedtime": (moment, "When it was recorded; strictly increasing."),
        "sequence": (text | {"pattern": r"^\d{19}$"}, "The position in the log, from 1, no gaps."),
        "streamversion": ({"type": "integer", "minimum": 1}, "The place in its stream, from 1."),
        "datacontenttype": ({"const": "application/json"}, "How data is written."),
        "dataschema": (text | {"format": "uri"}, "The $id of the JSON Schema of data."),
        "commandid": (text, "The id of the command that led to it."),
        "correlationid": (text, "What the command said it belongs to."),
        "causationid": (text, "What caused it, if that was not the command itself."),
        "actor": (text, "Who sent the command."),
        "data": ({"type": "object"}, "What happened."),
    }
    return {
        "$schema": DIALECT, "$id": schema_of("Event"), "title": "Event", "type": "object",
        "description": "An event of the ledger as a CloudEvent 1.0 in JSON.",
        "properties": {
            name: schema | {"description": what} for name, (schema, what) in described.items()
        },
        "required": [name for name in described if name not in _OPTIONAL],
    }


_OPTIONAL = {"commandid", "correlationid", "causationid", "actor"}


@lru_cache(1)
def _schemas() -> dict[str, dict[str, Any]]:
    return {topic: _schema(topic) for topic in CATALOGUE.classes()}


def _schema(topic: str) -> dict[str, Any]:
    event = CATALOGUE.classes()[topic]
    _, parts = msgspec.json.schema_components((event,))
    published = {name: _published(part) for name, part in parts.items()}
    own: dict[str, Any] = published.pop(event.__name__)
    head = {"$schema": DIALECT, "$id": schema_of(topic), "title": topic}
    return head | ({"$defs": published} if published else {}) | own


def _published(part: Any) -> Any:
    """Return a schema without titles that repeat names, in which all that has a type says so.

    Additional properties are allowed, because a version may get another field one day.
    """
    if isinstance(part, list):
        return [_published(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {
        name: _published(value) for name, value in part.items()
        if not (name == "title" and isinstance(value, str))
        and not (name == "additionalProperties" and value is False)
        and not (name == "anyOf" and "type" in part)
    }
    return found | {"type": "string"} if "enum" in part else found
