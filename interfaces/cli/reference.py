"""The reference of commands, questions, events and codes, written from what they are.

``make docs`` writes ``docs/reference``; a test sees that it is up to date.
"""

from collections.abc import Container, Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

from stocktrail.commands import COMMANDS
from stocktrail.commands.model import Command
from stocktrail.feeds.schemas import data_schema, topics
from stocktrail.interfaces.cli.code_reference import codes_page
from stocktrail.interfaces.cli.listing import listed_commands
from stocktrail.interfaces.cli.question_reference import questions_page
from stocktrail.interfaces.cli.typed_examples import examples_of, typed_in

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"

_COMMANDS_INTRODUCTION = """\
# Commands

Written from the models by `make docs`; do not edit.

A command is one line of a script, `{"command": "receive-stock", "sku": "A", "quantity": 5}`, or one
subcommand, `stocktrail receive-stock --sku A --quantity 5`. Quantities and prices are numbers with
at most 11 digits before the point and 4 after it, or the same as text. Fields that are not listed
are refused.
"""

_EVENTS_INTRODUCTION = """\
# Events

Written from the models by `make docs`; do not edit.

An event is a fact, kept for ever under its name and version. `stocktrail events --json` shows each
with its position, stream, times, command and actor; the fields below are its `data`.
"""


def pages() -> Mapping[str, str]:
    """Return the text of each page by its file name."""
    return {
        "commands.md": commands_page(), "questions.md": questions_page(),
        "events.md": events_page(), "codes.md": codes_page(),
    }


def commands_page() -> str:
    """Describe every command: what it does, and its fields."""
    parts = [
        _COMMANDS_INTRODUCTION, "## Fields of every command\n",
        _table(Command.model_json_schema()),
    ]
    for name in listed_commands():
        model = COMMANDS[name]
        parts += [
            f"## {name}\n", f"{cleandoc(model.__doc__ or '')}\n",
            _table(model.model_json_schema(), Command.model_fields),
            typed_in(examples_of(name)),
        ]
    return "\n".join(parts)


def events_page() -> str:
    """Describe every event: what happened, and its fields."""
    parts = [_EVENTS_INTRODUCTION]
    for topic in topics():
        schema = data_schema(topic)
        parts += [f"## {topic}\n", f"{schema['description']}\n", _table(schema, described=False)]
    return "\n".join(parts)


def _table(
    schema: Mapping[str, Any], known: Container[str] = (), *, described: bool = True
) -> str:
    """Lay out the fields of a command or an event, without those that are known."""
    head = ("| field | what it is | |\n|---|---|---|\n" if described
            else "| field | what it is |\n|---|---|\n")
    rows = [
        row for name, field in schema.get("properties", {}).items() if name not in known
        for row in _rows(name, field, schema, described=described)
    ]
    return head + "".join(f"{row}\n" for row in rows)


def _rows(
    name: str, field: Mapping[str, Any], schema: Mapping[str, Any], *, described: bool
) -> Iterator[str]:
    required = name in schema.get("required", ())
    optional = "" if required or not described else "?"
    default = field.get("default")
    shown = f" Default: `{default}`." if default not in (None, False, {}) and described else ""
    kind = _kind(field, schema.get("$defs", {}))
    what = f" {field.get('description', '')}{shown} |" if described else ""
    yield f"| `{name}`{optional} | {kind} |{what}"


def _kind(field: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """Return the kind of a field in a few words."""
    if "$ref" in field:
        return _object(parts[field["$ref"].rpartition("/")[2]], parts)
    choices = [each for each in field.get("anyOf", ()) if each.get("type") != "null"]
    if choices:
        return " or ".join(dict.fromkeys(_kind(each, parts) for each in choices)).replace(
            "number or decimal text", "number"
        )
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}), parts)}"
    return _plain_kind(field)


def _plain_kind(field: Mapping[str, Any]) -> str:
    named = {"date": "date", "date-time": "moment"}
    if field.get("type") == "string":
        if str(field.get("pattern", "")).startswith("^-?\\d"):
            return "decimal text"
        return named.get(str(field.get("format")), "text")
    return {"integer": "whole number", "boolean": "yes or no"}.get(
        str(field.get("type")), str(field.get("type", "anything"))
    )


def _object(part: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if "properties" not in part:
        return _kind(part, parts)
    required = part.get("required", ())
    fields = ", ".join(
        f"`{name}`{'' if name in required else '?'} ({_kind(field, parts)})"
        for name, field in part["properties"].items()
    )
    return f"{{{fields}}}"


def write() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
