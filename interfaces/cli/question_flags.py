"""The arguments and flags of a question, made of its fields.

What a question is about is an argument, everything else a flag. A whole number or a switch is read
as one; any other text is left to the model, which says what it may look like.
"""

import re
from collections.abc import Sequence
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from cyclopts import Parameter
from pydantic.fields import FieldInfo

from stocktrail.interfaces.cli.known_ids import ids_of
from stocktrail.interfaces.cli.offered_words import kind_of, list_of, words_in
from stocktrail.interfaces.cli.wording import flag_named
from stocktrail.interfaces.every_question import AnyQuestion
from stocktrail.projections.answers.field_kinds import KINDS_OF_FIELDS
from stocktrail.projections.questions.fields import rules_of
from stocktrail.projections.questions.listed import Listed

ALL = "all"
"""The flag that asks for all pages of a list."""

ALL_ROWS = Annotated[
    bool,
    Parameter(help="All rows, written as they are read.", negative=(), show_default=False),
]


def own_fields_first(question: AnyQuestion) -> list[tuple[str, FieldInfo]]:
    """Return the fields of a question: those it declares itself before those it shares."""
    fields = question.model_fields
    own = [name for name in question.__annotations__ if name in fields]
    return [(name, fields[name]) for name in dict.fromkeys([*own, *fields])]


def argument_of(name: str, field: FieldInfo, *, or_all: bool) -> Any:
    """Return the annotation of an argument; left out, it may stand for all there are."""
    kind: Any = field.annotation
    sentence = field.description or ""
    offered = ids_of(KINDS_OF_FIELDS.get(name))
    if not or_all:
        return Annotated[kind, Parameter(help=sentence, completer=offered)]
    noun = sentence.removeprefix("The ").removesuffix(".")
    sentence = f"The {noun}; without it, every {noun} is listed."
    return Annotated[kind | None, Parameter(help=sentence, completer=offered)]


def flag_of(question: AnyQuestion, name: str, field: FieldInfo) -> Any:
    """Return the annotation of a flag; other fields that its sentence names are named as flags."""
    kinds = _choices(field)
    more: dict[str, Any] = {}
    if field.default in ("", []):
        more["show_default"] = False
    if isinstance(field.validation_alias, str):
        more["name"] = flag_named(field.validation_alias)
    kind: Any = str
    if bool in kinds:
        kind, more["negative"], more["show_default"] = bool, (), False
    elif int in kinds:
        kind = int
    elif get_origin(kinds[0]) is Literal and field.is_required():
        kind = kinds[0]
    else:
        kind = _kind_of_text(question, name, kinds, more)
    if kind is str and not _has_pattern(field):
        more["allow_leading_hyphen"] = True          # -age_days sorts the other way around
    sentence = re.sub(
        r"`(\w+)`",
        lambda found: flag_named(found[1]) if found[1] in question.model_fields else found[0],
        field.description or "",
    )
    optional = field.default is None and not field.is_required()
    return Annotated[kind | None if optional else kind, Parameter(help=sentence, **more)]


def _kind_of_text(
    question: AnyQuestion, name: str, kinds: list[Any], more: dict[str, Any]
) -> Any:
    """Return the type of a flag of text, or of several; words and ids are offered for it."""
    words = words_in(kinds) or _words_of_list(question, name)
    kind = kind_of(words)
    if words:
        more["show_choices"] = name not in _LONG_LISTS
    else:
        more["completer"] = ids_of(KINDS_OF_FIELDS.get(name))
    if get_origin(kinds[0]) is list:
        kind, more["negative"] = list_of(kind), ()
    return kind


_LONG_LISTS = ("columns", "sort")


def _words_of_list(question: AnyQuestion, name: str) -> Sequence[str]:
    """Return the facets and columns of a list for the flags that take them."""
    if not issubclass(question, Listed):
        return ()
    if name in _LONG_LISTS:
        return list(question.row_type().model_fields)
    return question.definition.facets if name == "facets" else ()


def _choices(field: FieldInfo) -> list[Any]:
    """Return the types that a field may have, without what is said of them."""
    kinds = get_args(field.annotation) if _may_be_none(field) else (field.annotation,)
    return [
        get_args(kind)[0] if get_origin(kind) is Annotated else kind
        for kind in kinds if kind is not NoneType
    ]


def _may_be_none(field: FieldInfo) -> bool:
    return NoneType in get_args(field.annotation)


def _has_pattern(field: FieldInfo) -> bool:
    return any(getattr(rule, "pattern", None) is not None for rule in rules_of(field))


