"""What others may rely on, name by name: what is typed, sent, answered, refused and recorded.

``python -m tests.promises.promised 1.1`` writes what a release promises beside what earlier ones
did, once it is made. Nothing else changes these files.
"""

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import stocktrail
from stocktrail.interfaces.cli import failures
from stocktrail.interfaces.cli.listing import found_in, listing
from stocktrail.interfaces.cli.subcommands import application
from tests.house.sources import ROOT
from tests.promises.found_codes import found_codes
from tests.promises.pydantic_codes import OF_PYDANTIC

FOLDER = Path(__file__).parent

Promises = dict[str, list[str]]
"""Names that stay, by what they are names of."""

_STATUSES = ("WENT_WRONG", "WRONG_FLAGS", "REFUSED", "INVALID", "STORAGE", "INTERRUPTED")


def promised_now() -> Promises:
    """Return what this version promises."""
    description = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]
    found = {
        "subcommands": (name for names in listing().values() for name in names),
        "flags of subcommands that are no command and no question": _flags(),
        "exit statuses": (f"{name} {getattr(failures, name)}" for name in _STATUSES),
        "requests": _requests(description),
        "fields": _fields(schemas),
        "codes": {*found_codes().places, *OF_PYDANTIC},
        "events": _events(),
        "the door": _door(),
    }
    return {what: sorted(set(names)) for what, names in found.items()}


def must_be_sent() -> list[str]:
    """Return what a request cannot leave out: nothing may join it, for requests that there were."""
    description = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"].get("$ref", "")
        for operation in _operations(description).values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    sent = {each.rpartition("/")[2] for each in bodies if each}
    return sorted(
        f"{name}.{field}" for name in sent for field in schemas[name].get("required", ())
    ) + sorted(
        f"{where} {each['name']}" for where, operation in _operations(description).items()
        for each in operation.get("parameters", ()) if each["required"]
    )


def _operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items() for method, operation in methods.items()
    }


def _requests(description: dict[str, Any]) -> Iterator[str]:
    for where, operation in _operations(description).items():
        yield where
        for each in operation.get("parameters", ()):
            yield f"{where} {each['name']}"


def _fields(schemas: dict[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        for field in schema.get("properties", ()):
            yield f"{name}.{field}"


def _flags() -> Iterator[str]:
    for names in listing().values():
        for name in names:
            if not found_in(name).startswith(_OF_MODELS):
                yield from _flags_of(application(name)[name], name)


_OF_MODELS = tuple(f"stocktrail.interfaces.cli.{each}:" for each in ("commands", "questions"))


def _flags_of(app: Any, name: str) -> Iterator[str]:
    if app.default_command:
        for argument in app.assemble_argument_collection():
            yield from (f"{name} {each}" for each in argument.names if each != "--session")
    for within in app:
        if not within.startswith("-"):
            yield from _flags_of(app[within], f"{name} {within}")


def _events() -> Iterator[str]:
    for path in (ROOT / "docs/reference/schemas").glob("*.json"):
        yield path.stem
        for field in json.loads(path.read_text(encoding="utf-8"))["properties"]:
            yield f"{path.stem}.{field}"


def _door() -> Iterator[str]:
    for name in stocktrail.__all__:
        yield name
        value = getattr(stocktrail, name)
        if inspect.isfunction(value):
            yield from (f"{name}({each})" for each in inspect.signature(value).parameters)
    for owner in (stocktrail.Shop, stocktrail.AsyncShop, stocktrail.Result):
        for name, value in inspect.getmembers(owner, inspect.isfunction):
            if not name.startswith("_"):
                yield f"{owner.__name__}.{name}"
                for each in list(inspect.signature(value).parameters)[1:]:
                    yield f"{owner.__name__}.{name}({each})"


if __name__ == "__main__":
    (FOLDER / f"{sys.argv[1]}.json").write_text(
        json.dumps(promised_now() | {"must be sent": must_be_sent()}, indent=1) + "\n",
        encoding="utf-8",
    )
