"""The description of the API in OpenAPI 3.1: served at ``/openapi.json``, kept in the documents.

FastAPI writes it from the routes. Added are what routes refer to (the bodies of commands, the
responses of problems) and the examples, which are answers of a real shop: see
:mod:`~stocktrail.interfaces.api.reference`. ``make docs`` writes ``docs/reference/openapi.json``.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.request_bodies import body_schemas
from stocktrail.interfaces.api.responses import JSON_LINES, PROBLEM_COMPONENTS, Schema

EXAMPLES_FILE = "examples.json"
"""Holds the answers of the examples."""

API_VERSION = "1"
"""The version of the contract, which is not that of the program."""

_DESCRIPTION = """\
An inventory ledger: every sale, reservation and receipt is an event, and every number explains
itself. Commands change it, each exactly once if it carries an id; questions ask what follows.

Every error is `application/problem+json` with a stable `code`. Quantities are JSON numbers, or
decimal text in commands, with at most 11 digits before the point and 4 after it; money goes out as
decimal text."""


def describe(application: FastAPI) -> None:
    """Serve the description of an application's routes."""
    written: list[bytes] = []

    async def openapi(_: Request) -> Response:
        if not written:       # in a thread, because it takes half a second: others are answered
            written.append(await run_in_threadpool(_described, application))
        return Response(written[0], media_type="application/json")

    application.add_route("/openapi.json", openapi, include_in_schema=False)


def _described(application: FastAPI) -> bytes:
    return orjson.dumps(description(application))


def description(application: FastAPI) -> Schema:
    """Return the description of every route: parameters, bodies, answers, problems, examples."""
    found = get_openapi(
        title="stocktrail", version=API_VERSION, description=_DESCRIPTION,
        routes=application.routes, separate_input_output_schemas=False,
    )
    components = found.setdefault("components", {})
    components["schemas"] = body_schemas() | components.get("schemas", {})
    components["responses"] = PROBLEM_COMPONENTS
    answers = _answers()
    for operation in _operations(found):
        operation["summary"] = operation["description"].partition("\n")[0].removesuffix(".")
        if "security" in operation:
            operation["security"].insert(0, {})          # a token is not required everywhere
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _without_null(parameter["schema"])
        _show(operation, answers)
    return found


def _answers() -> dict[str, Any]:
    """Return the answers of the examples by the id of the operation."""
    written = files("stocktrail.interfaces.api").joinpath(EXAMPLES_FILE).read_bytes()
    answers: dict[str, Any] = orjson.loads(written)
    return {**answers, **examples.SHOWN, "submit": answers["place-order"]}


def _operations(found: Schema) -> Iterator[Schema]:
    for path in found["paths"].values():
        yield from path.values()


def _without_null(schema: Schema) -> Schema:
    """Return the schema of a parameter without null: one that is absent is not sent."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) != 1:
        return schema
    only: Schema = choices[0]
    return {name: part for name, part in schema.items() if name != "anyOf"} | only


def _show(operation: Schema, answers: Mapping[str, Any]) -> None:
    """Add the example of an operation to its answer: the last of its successful responses."""
    if operation["operationId"] not in answers:
        return
    answer = answers[operation["operationId"]]
    successes = [each for status, each in operation["responses"].items() if status < "300"]
    contents = [each.get("content", {}) for each in successes]
    kind = next(iter(contents[-1]))
    contents[-1][kind].setdefault("example", answer)
    if JSON_LINES in contents[0]:
        contents[0][JSON_LINES]["example"] = orjson.dumps(answer).decode() + "\n"
