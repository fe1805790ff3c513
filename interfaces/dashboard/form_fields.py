"""Form fields: what a form asks for, made of the JSON Schema of a command model.

The names of the inputs are the fields of the command; parts of a list are ``lines-0-quantity``. An
address may fill any of them in beforehand, so a link from a page leads to a form that is half done.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from commands.model import Command

HEADER = frozenset((
    "id", "group", "correlation_id", "causation_id", "actor", "expected_version", "occurred_at",
))
"""Fields of every command that a form sets by itself."""

_SPARE_ROWS = 2


class FormField(NamedTuple):
    """One field: what is asked, in which kind of input, and the fields of each part of a list."""

    name: str
    kind: str
    description: str
    required: bool
    choices: tuple[str, ...] = ()
    default: str = ""
    parts: tuple["FormField", ...] = ()


@cache
def fields_of(model: type[Command]) -> tuple[FormField, ...]:
    """Give the fields that a form for a command asks for."""
    schema = model.model_json_schema()
    return _fields(schema, schema.get("$defs", {}))


def _fields(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> tuple[FormField, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        _field(name, each, name in required, parts)
        for name, each in schema["properties"].items() if name not in HEADER
    )


def _field(
    name: str, schema: Mapping[str, Any], required: bool, parts: Mapping[str, Any]
) -> FormField:
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    inner: Mapping[str, Any] = schema
    if choices:
        inner = choices[0] if len(choices) == 1 else {"anyOf": choices}
    default = schema.get("default")
    found = FormField(
        name, _kind(inner, choices), schema.get("description", ""), required,
        tuple(inner.get("enum", ())), "" if default in (None, False) else str(default),
    )
    if inner.get("type") == "array" and "$ref" in inner.get("items", {}):
        part = parts[inner["items"]["$ref"].rpartition("/")[2]]
        return found._replace(kind="parts", parts=_fields(part, parts))
    return found


def _kind(schema: Mapping[str, Any], choices: list[Any]) -> str:
    if "enum" in schema:
        return "choice"
    kind = schema.get("type")
    if kind == "array":
        return "list"
    if kind == "object":
        return "json"
    if kind in ("integer", "boolean"):
        return str(kind)
    if schema.get("format") in ("date", "date-time"):
        return str(schema["format"])
    numbers = [each for each in schema.get("anyOf", choices) if each.get("type") == "number"]
    return "decimal" if numbers else "text"


# ------------------------------------------------------------------ what was filled in


def rows_of(field: FormField, filled: Mapping[str, str], spare: int = _SPARE_ROWS) -> list[int]:
    """Number the rows that a list has in a form: those filled in, and some that are free."""
    used = [
        int(number) for name in filled
        if name.startswith(f"{field.name}-") and (number := name.split("-")[1]).isdigit()
        and len(number) < 6 and filled[name].strip()
    ]
    return list(range(max(used, default=-1) + 1 + spare))


def values_of(fields: tuple[FormField, ...], filled: Mapping[str, str]) -> dict[str, Any]:
    """Read what was filled in as the fields of a command; what was left empty is left out.

    >>> quantity = FormField("quantity", "decimal", "", True)
    >>> line = FormField("line", "integer", "", False)
    >>> lines = FormField("lines", "parts", "", True, parts=(line, quantity))
    >>> values_of((lines,), {"lines-0-line": "2", "lines-0-quantity": " 5 ", "lines-1-line": ""})
    {'lines': [{'line': 2, 'quantity': '5'}]}
    """
    found: dict[str, Any] = {}
    for field in fields:
        if field.kind == "parts":
            rows = [
                values_of(field.parts, _row(field, number, filled))
                for number in rows_of(field, filled, 0)
            ]
            if kept := [row for row in rows if row]:
                found[field.name] = kept
        elif text := filled.get(field.name, "").strip():
            found[field.name] = _value(field, text)
    return found


def _row(field: FormField, number: int, filled: Mapping[str, str]) -> dict[str, str]:
    begin = f"{field.name}-{number}-"
    return {name[len(begin):]: text for name, text in filled.items() if name.startswith(begin)}


def _value(field: FormField, text: str) -> Any:
    if field.kind == "integer":
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 19 else text
    if field.kind == "boolean":
        return True
    if field.kind == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.kind == "json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def place_of(pointer: str, fields: tuple[FormField, ...], filled: Mapping[str, str]) -> str:
    """Name the input that a JSON pointer of an error is about, ``""`` for the whole form.

    Rows that were left empty are counted out of a command and in again here.

    >>> place_of("/sku", (FormField("sku", "text", "", True),), {})
    'sku'
    """
    name, *path = pointer.strip("/").split("/")
    field = next((each for each in fields if each.name == name), None)
    if field is None:
        return ""
    if field.kind != "parts" or len(path) < 2 or not path[0].isdigit():
        return name
    used = [
        number for number in rows_of(field, filled, 0)
        if values_of(field.parts, _row(field, number, filled))
    ]
    row = used[int(path[0])] if int(path[0]) < len(used) else 0
    return f"{name}-{row}-{path[1]}"
