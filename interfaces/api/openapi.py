"""The description of the API in OpenAPI 3.1: served at ``/openapi.json``, kept in the documents.

``make docs`` writes ``docs/reference/openapi.json`` and the answers of the examples;
a test sees that both are up to date. Bodies are those of the command
models, answers have the shapes of :mod:`stocktrail.interfaces.api.shapes`.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from stocktrail.commands import COMMANDS
from stocktrail.commands.fields import NO_CONTROL_CHARACTER
from stocktrail.commands.model import Command
from stocktrail.commands.webhooks import CreateWebhook
from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.shapes import ANSWERS, ProblemReport, ResultReport
from stocktrail.interfaces.api.webhooks import RangeAsked
from stocktrail.interfaces.service.addresses import NO_CONTROL

Schema = dict[str, Any]

EXAMPLES_FILE = "examples.json"

API_VERSION = "1"
"""The version of the contract, which is not that of the program."""

_DESCRIPTION = """\
An inventory ledger: every sale, reservation and receipt is an event, and every number explains
itself. Commands change it, each exactly once if it carries an id; questions ask what follows.

Every error is `application/problem+json` with a stable `code`. Quantities are JSON numbers, or
decimal text in commands, with at most 11 digits before the point and 4 after it; money goes out as
decimal text."""

_PROBLEMS = {
    "400": "The body is not JSON, or the request makes no sense.",
    "401": "A token is needed, or the one shown is not known.",
    "403": "The token does not cover this.",
    "404": "What the address names is not there.",
    "408": "The request did not come in time.",
    "409": "Refused by the state of the ledger, or the log has not come to that position.",
    "413": "The body is too large.",
    "415": "The body is of a type that is not taken here.",
    "421": "The service does not answer under this name.",
    "422": "It can never be right as it is, or its id was used for something else.",
    "429": "You have as many streams open as one client may have.",
    "431": "The line and the headers of the request are too large together.",
    "503": "The database failed, the read models are behind, or the question took too long; "
    "repeating is safe.",
}
_HEADERS: dict[str, Schema] = {
    "Position": {
        "description": "The position of the log that the answer is about.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Idempotency-Hit": {
        "description": "There and true when the id was known: this is the first answer again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "ETag": {
        "description": "Changes with the content; give it as If-None-Match.",
        "schema": {"type": "string"},
    },
}
_BODIES: dict[str, type[BaseModel]] = {
    "create-webhook-with-secret": CreateWebhook, "replay-webhook": RangeAsked,
}
_WITH_ETAG = frozenset(("stock", "order", "purchase-order"))


def describe(application: FastAPI) -> None:
    """Serve the description of an application's routes."""
    written: list[bytes] = []

    async def openapi(_: Request) -> Response:
        if not written:
            written.append(orjson.dumps(description(application)))
        return Response(written[0], media_type="application/json")

    application.add_route("/openapi.json", openapi, include_in_schema=False)


def description(application: FastAPI) -> Schema:
    """Describe every route: parameters, bodies, answers, problems and examples."""
    found = get_openapi(
        title="stocktrail", version=API_VERSION, description=_DESCRIPTION,
        routes=application.routes,
    )
    components = found.setdefault("components", {})
    components["schemas"] = _schemas() | {
        name: schema for name, schema in components.get("schemas", {}).items()
        if name not in ("HTTPValidationError", "ValidationError")
    }
    components["responses"] = {f"Problem{status}": _problem(what)
                               for status, what in _PROBLEMS.items()}
    shown = orjson.loads(files("stocktrail.interfaces.api").joinpath(EXAMPLES_FILE).read_bytes())
    for operation in _operations(found):
        _complete(operation, shown)
    return found


def _operations(found: Schema) -> Iterator[Schema]:
    for path in found["paths"].values():
        yield from path.values()


def _complete(operation: Schema, shown: dict[str, Any]) -> None:
    name = operation["operationId"]
    responses = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for status in _PROBLEMS:
        responses.setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    if "security" in operation:
        operation["security"] = [{}, *operation["security"]]
    if name in COMMANDS:
        body = {"schema": _ref(COMMANDS[name].__name__), "example": examples.COMMANDS[name]}
        _take_commands(operation, {"application/json": body}, shown[name])
    elif name == "submit":
        _take_commands(operation, _any_commands(), shown["place-order"])
    elif name in ANSWERS:
        if name in _BODIES:
            operation["requestBody"] = {"required": True, "content": {"application/json": {
                "schema": _ref(_BODIES[name].__name__), "example": examples.BODIES[name],
            }}}
        _answer_questions(operation, name, examples.SHOWN.get(name) or shown.get(name))
    elif name in shown:
        kind = next(iter(operation["responses"]["200"]["content"]))
        operation["responses"]["200"]["content"][kind]["example"] = shown[name]
    elif name == "metrics":
        responses["200"]["content"] = {"text/plain": {
            "schema": {"type": "string"}, "example": "stocktrail_log_position 38.0\n",
        }}


def _without_null(schema: Schema) -> Schema:
    """Leave out that a parameter may be null: one that is not there is not sent."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) != 1:
        return schema
    only: Schema = choices[0]
    return {name: part for name, part in schema.items() if name != "anyOf"} | only


def _take_commands(operation: Schema, content: Schema, example: Any) -> None:
    operation["requestBody"] = {"required": True, "content": content}
    many = "application/jsonl" in content
    lines = {"application/jsonl": {
        "schema": {"type": "string", "description": "One result a line, in the order of the rows."},
        "example": orjson.dumps(example).decode() + "\n",
    }}
    of_one = {"schema": _ref(ResultReport.__name__), "example": example}
    headers = {name: _HEADERS[name] for name in ("Position", "Idempotency-Hit")}
    operation["responses"] |= {
        "200": {
            "description": "It changed nothing: known already, tried only, or as it was."
            + (" Of JSON Lines: the results, as they are recorded." if many else ""),
            "headers": headers,
            "content": {"application/json": {"schema": of_one["schema"]}} | (lines if many else {}),
        },
        "201": {
            "description": "It is recorded.", "headers": headers,
            "content": {"application/json": of_one},
        },
    }


def _any_commands() -> Schema:
    mapping = {name: _row_name(model) for name, model in sorted(COMMANDS.items())}
    example = {"command": "receive-stock", "id": "c-1", **examples.COMMANDS["receive-stock"]}
    return {
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
        "application/jsonl": {
            "schema": {"type": "string", "description": "One command a line."},
            "example": orjson.dumps(example).decode() + "\n",
        },
    }


def _answer_questions(operation: Schema, name: str, example: Any) -> None:
    answered: Schema = {
        "description": "The answer.",
        "content": {"application/json": {
            "schema": _ref(ANSWERS[name].__name__), "example": example,
        }},
    }
    if "as_of" in ANSWERS[name].model_fields:
        answered["headers"] = {"Position": _HEADERS["Position"]}
    status = next(each for each in operation["responses"] if each < "300")
    operation["responses"][status] = answered
    if name in _WITH_ETAG:
        answered["headers"]["ETag"] = _HEADERS["ETag"]
        operation["responses"]["304"] = {"description": "The content is the one that is known."}
        operation.setdefault("parameters", []).append({
            "name": "If-None-Match", "in": "header", "required": False,
            "description": "An ETag of an earlier answer.", "schema": {"type": "string"},
        })


def _problem(what: str) -> Schema:
    return {"description": what, "content": {
        "application/problem+json": {"schema": _ref(ProblemReport.__name__)},
    }}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _row_name(model: type[Command]) -> str:
    return f"{model.__name__}Row"


def _schemas() -> dict[str, Schema]:
    """Write the schemas of all commands and answers, those of commands also as rows."""
    models: list[type[BaseModel]] = [
        *(COMMANDS[name] for name in sorted(COMMANDS)),
        ResultReport, ProblemReport, RangeAsked, *ANSWERS.values(),
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
