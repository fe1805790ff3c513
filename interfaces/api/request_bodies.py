"""What routes say of request bodies, in the form that FastAPI's ``openapi_extra=`` takes.

Bodies are read and judged by the rules of scripts (:mod:`~stocktrail.interfaces.service.bodies`),
not by FastAPI, so FastAPI does not know their models: the schemas are written here.
"""

from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from stocktrail.commands import COMMANDS
from stocktrail.commands.fields import NO_CONTROL_CHARACTER
from stocktrail.commands.model import Command
from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.responses import JSON_LINES, Schema
from stocktrail.interfaces.api.shapes.results import ProblemReport
from stocktrail.interfaces.api.shapes.webhooks import RangeAsked
from stocktrail.projections.questions.fields import NO_CONTROL


def body_of(model: type[BaseModel], example: Any) -> Schema:
    """Return the description of a body that is one JSON object."""
    return _body({"application/json": {"schema": _ref(model.__name__), "example": example}})


def body_of_any_command() -> Schema:
    """Return the description of a body that is any command, or many of them as JSON Lines."""
    mapping = {name: _row_name(model) for name, model in sorted(COMMANDS.items())}
    example = {"command": "receive-stock", "id": "c-1", **examples.COMMANDS["receive-stock"]}
    return _body({
        "application/json": {
            "schema": {
                "oneOf": [_ref(name) for name in mapping.values()],
                "discriminator": {
                    "propertyName": "command",
                    "mapping": {key: _ref(name)["$ref"] for key, name in mapping.items()},
                },
            },
            "example": example,
        },
        JSON_LINES: {
            "schema": {"type": "string", "description": "One command a line."},
            "example": orjson.dumps(example).decode() + "\n",
        },
    })


def _body(content: Schema) -> Schema:
    return {"requestBody": {"required": True, "content": content}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _row_name(model: type[Command]) -> str:
    return f"{model.__name__}Row"


def body_schemas() -> dict[str, Schema]:
    """Return the schemas of all bodies by name, those of commands also as rows, and of problems."""
    models: list[type[BaseModel]] = [
        *(COMMANDS[name] for name in sorted(COMMANDS)), RangeAsked, ProblemReport,
    ]
    _, written = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Schema] = written["$defs"]
    _say_what_ids_are(found)
    for name, model in sorted(COMMANDS.items()):
        body = found[model.__name__]
        # A group is several rows that are sent together; one command has none.
        body["properties"].pop("group")
        found[_row_name(model)] = body | {
            "title": _row_name(model),
            "properties": {"command": {"const": name}, **body["properties"]},
            "required": ["command", *body.get("required", ())],
        }
    return found


def _say_what_ids_are(schema: Any) -> None:
    """Write down what the models check of ids and numbers, and their schemas do not say."""
    if isinstance(schema, dict):
        if schema.get("pattern") == NO_CONTROL_CHARACTER:
            schema["pattern"] = NO_CONTROL
        if isinstance(schema.get("pattern"), str):
            schema["pattern"] = schema["pattern"].replace("\\d", "[0-9]")
        for part in schema.values():
            _say_what_ids_are(part)
    elif isinstance(schema, list):
        for part in schema:
            _say_what_ids_are(part)
