"""The reference of questions, written from their models: how each is asked, and what it answers."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import Any

from pydantic.json_schema import models_json_schema

from stocktrail.interfaces.cli.question_flags import own_fields_first
from stocktrail.interfaces.cli.questions import words_of
from stocktrail.interfaces.cli.typed_examples import question_words, typed_in
from stocktrail.interfaces.every_question import AnyQuestion, every_question

Schema = Mapping[str, Any]

INTRODUCTION = """\
# Questions

Written from the models by `make docs`; do not edit.

A question is typed, as in `stocktrail stock A --pool web`; asked over HTTP, as in
`GET /stock/A?pool=web`; or asked from Python, as in `shop.ask(Stock(sku="A", pool="web"))`. Each
way gives the same object: with `--json`, as the body, or with its fields as attributes. Quantities
are numbers of units, money is decimal text, `?` marks what may be left out.

Lists that have `after` come in pages. On a terminal the first 100 rows are shown with how many
there are, `--after` leads to the following ones, and `--all` writes every row as it is read;
`--json` without `--limit` writes all rows as they are read (of `backorders` 100, unless `--all` is
there). Over HTTP a page has 100 rows unless `limit` says otherwise. From Python all rows come
unless there is a `limit`. Where there is `last`, the latest 100 events are told: `--before` leads
to earlier ones, and `--all` (from Python `last=None`) tells every one.
"""


def questions_page() -> str:
    """Return the page: every question with its fields, then the objects of all answers."""
    listed = [question for question in every_question() if question.is_listed]
    _, schemas = models_json_schema(
        [(question.answer_type, "validation") for question in listed], ref_template="{model}"
    )
    shapes: Mapping[str, Schema] = schemas["$defs"]
    return "\n".join([
        INTRODUCTION,
        *(line for question in listed for line in _described(question)),
        "## What answers hold\n",
        *(line for name, shape in sorted(shapes.items()) for line in _answered(name, shape)),
    ])


def _described(question: AnyQuestion) -> Iterator[str]:
    yield f"### {question.question}\n"
    yield cleandoc(question.__doc__ or "") + "\n"
    name = question.answer_type.__name__
    ways = [f"`stocktrail {' '.join(words_of(question))}`"]
    if question.address is not None:
        ways.append(f"`GET {question.address}`")
    yield f"{', '.join(ways)}, `{question.__name__}` in Python.\n"
    schema = question.model_json_schema()
    written = [str(field.validation_alias or own) for own, field in own_fields_first(question)]
    fields = {name: schema["properties"][name] for name in written}
    if fields:
        yield _table({**schema, "properties": fields})
    yield typed_in([shlex.join(question_words(question))])
    yield f"Answer: [{name}](#{name.lower()}).\n"


def _answered(name: str, shape: Schema) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"{' '.join(shape['description'].split())}\n"
    if shape.get("properties"):
        yield _table(shape)


def _table(schema: Schema) -> str:
    return "| field | what it is | |\n|---|---|---|\n" + "\n".join(_rows(schema)) + "\n"


def _rows(schema: Schema) -> Iterator[str]:
    for name, field in schema["properties"].items():
        optional = "" if name in schema.get("required", ()) else "?"
        kind = _kind(field).removesuffix(" or nothing") if optional else _kind(field)
        default = field.get("default")
        shown = "" if default in (None, False, "", {}, []) else f" Default: `{default}`."
        yield f"| `{name}`{optional} | {kind} | {field.get('description', '')}{shown} |"


def _kind(field: Schema) -> str:
    """Return the kind of a field in a few words; of an object a link to its fields."""
    if "$ref" in field:
        return f"[{field['$ref']}](#{field['$ref'].lower()})"
    if "anyOf" in field:
        return " or ".join(_kinds(field["anyOf"]))
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    if field.get("type") == "object":
        values = field.get("additionalProperties")
        return f"object of {_kind(values)}" if isinstance(values, dict) else "object"
    return {"date": "date", "date-time": "moment"}.get(str(field.get("format"))) or {
        "integer": "whole number", "boolean": "yes or no", "string": "text", "null": "nothing",
        "number": "number",
    }.get(str(field.get("type")), "anything")


def _kinds(choices: Iterable[Schema]) -> list[str]:
    return list(dict.fromkeys(_kind(each) for each in choices))
