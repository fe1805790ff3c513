"""The AsyncAPI 3 document: which events a subscriber can receive, where, and their schemas.

``python -m stocktrail.feeds.asyncapi`` writes ``docs/reference/asyncapi.json`` and the JSON Schemas
next to it; a test checks that they are up to date.
"""

from pathlib import Path
from typing import Any

import orjson

from stocktrail.feeds.cloud_events import BATCH_CONTENT_TYPE, CONTENT_TYPE, type_of
from stocktrail.feeds.schemas import data_schema, envelope_schema, topics

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
CONTRACT_VERSION = "1.0.0"
"""The version of the contract with subscribers, which is not that of the program."""

SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
_DESCRIPTION = (
    "Every event of the ledger, in order and without gaps, as CloudEvents 1.0. Read pages, wait "
    "for the next one (long poll), or follow a stream of Server-Sent Events; the position of the "
    "last event is all a subscriber keeps."
)


def document() -> dict[str, Any]:
    """Return the document as JSON values."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "stocktrail events", "version": CONTRACT_VERSION,
            "description": _DESCRIPTION,
            "license": {
                "name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"ledger": {
            "host": "{host}", "protocol": "http", "description": "`stocktrail serve`.",
            "variables": {"host": {"default": "127.0.0.1:8000"}},
        }},
        "channels": {"events": {
            "address": "/events", "title": "The event log",
            "description": f"A page ({BATCH_CONTENT_TYPE}), or with `Accept: text/event-stream` a "
            "stream. Query parameters: after, limit, types, subject, wait.",
            "servers": [{"$ref": "#/servers/ledger"}],
            "messages": {
                _key(topic): {"$ref": f"#/components/messages/{_key(topic)}"} for topic in topics()
            },
            "bindings": {"http": {}},
        }},
        "operations": {"hearOfEvents": {
            "action": "send", "title": "Hear of every event",
            "channel": {"$ref": "#/channels/events"},
            "description": "The ledger sends; a subscriber receives, in order of position.",
            "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
        }},
        "components": {
            "messages": {_key(topic): _message(topic) for topic in topics()},
            "schemas": {"Event": _schema("Event", envelope_schema())} | {
                _key(topic): _schema(_key(topic), data_schema(topic)) for topic in topics()
            },
        },
    }


def files() -> dict[Path, bytes]:
    """Return the contents of the documents, by path below ``docs/reference``."""
    found = {
        Path("schemas", f"{topic}.json"): _written(data_schema(topic)) for topic in topics()
    }
    found[Path("schemas", "Event.json")] = _written(envelope_schema())
    found[Path("asyncapi.json")] = _written(document())
    return found


def write() -> None:
    """Write every file; files of old versions are kept."""
    for path, text in files().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_bytes(text)


def _message(topic: str) -> dict[str, Any]:
    name = topic.rpartition(".")[0]
    return {
        "name": type_of(topic), "title": name, "contentType": CONTENT_TYPE,
        "summary": data_schema(topic)["description"].splitlines()[0],
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {
            "allOf": [
                {"$ref": "#/components/schemas/Event/schema"},
                {"type": "object", "properties": {
                    "type": {"const": type_of(topic)},
                    "data": {"$ref": f"#/components/schemas/{_key(topic)}/schema"},
                }},
            ],
        }},
    }


def _schema(key: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as part of the document, with its internal references adjusted."""
    inner = {name: value for name, value in schema.items() if name not in ("$schema", "$id")}
    moved = orjson.dumps(inner).replace(
        b'"#/$defs/', f'"#/components/schemas/{key}/schema/$defs/'.encode()
    )
    return {"schemaFormat": SCHEMA_FORMAT, "schema": orjson.loads(moved)}


def _key(topic: str) -> str:
    return topic.replace(".", "_")


def _written(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    write()
