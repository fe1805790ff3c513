"""Form fields, derived from the JSON Schema of a command model.

Inputs are named like the fields of the command; parts of a list are ``lines-0-quantity``. The
parameters of an address fill inputs, so that a link can lead to a form that is partly filled.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.strict_json import BadJson, parse_json

HEADER = frozenset((
    "id", "group", "correlation_id", "causation_id", "actor", "expected_version", "occurred_at",
))
"""Fields of every command that are no inputs of a form."""

SPARE_ROWS = 2
"""How many free rows a list has in a form, below those that are filled in."""

_ROW = re.compile(r"(?P<list>[a-z_]+)-(?P<row>[0-9]{1,5})-(?P<part>[a-z_]+)")


class FormField(NamedTuple):
    """A field: its name, the kind of its input, and for a list the fields of each part."""

    name: str
    kind: str
    description: str
    required: bool
    choices: tuple[str, ...] = ()
    default: str = ""
    parts: tuple["FormField", ...] = ()


@cache
def fields_of(model: type[Command]) -> tuple[FormField, ...]:
    """Return the fields of the form of a command."""
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


def rows_of(field: FormField, filled: Mapping[str, str], spare: int = SPARE_ROWS) -> list[int]:
    """Return the numbers of a list's rows in a form: those filled in, and some free ones."""
    used = sorted(
        number for number, row in _rows(field, filled).items()
        if any(text.strip() for text in row.values())
    )
    after = used[-1] + 1 if used else 0
    return [*used, *range(after, after + spare)]


def values_of(fields: tuple[FormField, ...], filled: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a filled form as fields of a command; empty inputs are left out.

    >>> quantity = FormField("quantity", "decimal", "", True)
    >>> line = FormField("line", "integer", "", False)
    >>> lines = FormField("lines", "parts", "", True, parts=(line, quantity))
    >>> values_of((lines,), {"lines-0-line": "2", "lines-0-quantity": " 5 ", "lines-1-line": ""})
    {'lines': [{'line': 2, 'quantity': '5'}]}
    """
    found: dict[str, Any] = {}
    for field in fields:
        if field.kind == "parts":
            rows = (values for _, values in _filled_in(field, filled))
            if kept := list(rows):
                found[field.name] = kept
        elif text := filled.get(field.name, "").strip():
            found[field.name] = _value(field, text)
    return found


def _rows(field: FormField, filled: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Group inputs by rows, in one pass: an address may name a million of them."""
    found: dict[int, dict[str, str]] = {}
    for name, text in filled.items():
        written = _ROW.fullmatch(name)
        if written is not None and written["list"] == field.name:
            found.setdefault(int(written["row"]), {})[written["part"]] = text
    return found


def _filled_in(
    field: FormField, filled: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows in which something was filled in, with their numbers."""
    for number, row in sorted(_rows(field, filled).items()):
        if values := values_of(field.parts, row):
            yield number, values


def _value(field: FormField, text: str) -> Any:
    if field.kind == "integer":
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 19 else text
    if field.kind == "boolean":
        return True
    if field.kind == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.kind == "json":
        try:
            return parse_json(text)
        except BadJson:
            return text
    return text


def place_of(pointer: str, fields: tuple[FormField, ...], filled: Mapping[str, str]) -> str:
    """Return the input that a JSON pointer of an error is about, ``""`` for the whole form.

    Empty rows are not part of a command, so the numbers of rows differ from those of the form.

    >>> place_of("/sku", (FormField("sku", "text", "", True),), {})
    'sku'
    """
    name, *path = pointer.strip("/").split("/")
    field = next((each for each in fields if each.name == name), None)
    if field is None:
        return ""
    if field.kind != "parts" or len(path) < 2 or not path[0].isdecimal():
        return name
    used = [number for number, _ in _filled_in(field, filled)]
    place = int(path[0]) if len(path[0]) < 6 else len(used)
    row = used[place] if place < len(used) else 0
    return f"{name}-{row}-{path[1]}"


def sentence_at_field(pointer: str, code: str, message: str) -> str:
    """Return the sentence of an error as it stands at its input, which need not be named again.

    >>> sentence_at_field("/lines/0/quantity", "not_positive", "lines.0.quantity: must be more.")
    'Must be more.'
    >>> sentence_at_field("/customer", "missing", "customer is missing.")
    'This has to be filled in.'
    """
    if code == "missing":
        return "This has to be filled in."
    name = pointer.strip("/").replace("/", ".")
    said = message.removeprefix(f"{name}: ") if name else message
    return said[:1].upper() + said[1:]
