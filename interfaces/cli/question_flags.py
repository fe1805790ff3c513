"""The arguments and flags of a question, made of its fields.

What a question is about is an argument, everything else a flag. A whole number or a switch is read
as one; any other text is left to the model, which says what it may look like.
"""

import re
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from cyclopts import Parameter
from pydantic.fields import FieldInfo

from stocktrail.interfaces.cli.wording import flag_named
from stocktrail.interfaces.every_question import AnyQuestion
from stocktrail.projections.questions.fields import rules_of


def own_fields_first(question: AnyQuestion) -> list[tuple[str, FieldInfo]]:
    """Return the fields of a question: those it declares itself before those it shares."""
    fields = question.model_fields
    own = [name for name in question.__annotations__ if name in fields]
    return [(name, fields[name]) for name in dict.fromkeys([*own, *fields])]


def argument_of(field: FieldInfo, *, or_all: bool) -> Any:
    """Return the annotation of an argument; left out, it may stand for all there are."""
    kind: Any = field.annotation
    sentence = field.description or ""
    if not or_all:
        return Annotated[kind, Parameter(help=sentence)]
    noun = sentence.removeprefix("The ").removesuffix(".")
    sentence = f"The {noun}; without it, every {noun} is listed."
    return Annotated[kind | None, Parameter(help=sentence)]


def flag_of(question: AnyQuestion, field: FieldInfo) -> Any:
    """Return the annotation of a flag; other fields that its sentence names are named as flags."""
    kinds = _choices(field)
    more: dict[str, Any] = {}
    if isinstance(field.validation_alias, str):
        more["name"] = flag_named(field.validation_alias)
    kind: Any = str
    if bool in kinds:
        kind, more["negative"], more["show_default"] = bool, (), False
    elif int in kinds:
        kind = int
    elif get_origin(kinds[0]) is list or (get_origin(kinds[0]) is Literal and field.is_required()):
        kind = kinds[0]
    elif not _has_pattern(field):
        more["allow_leading_hyphen"] = True          # -age_days sorts the other way around
    sentence = re.sub(
        r"`(\w+)`",
        lambda found: flag_named(found[1]) if found[1] in question.model_fields else found[0],
        field.description or "",
    )
    optional = field.default is None and not field.is_required()
    return Annotated[kind | None if optional else kind, Parameter(help=sentence, **more)]


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


