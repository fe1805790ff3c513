"""The query of a page as the fields of a question: an empty field of a form is as if absent."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from stocktrail.interfaces.service.problems import wrong_in
from stocktrail.projections.questions.question import Question

Q = TypeVar("Q", bound=Question[Any])

OF_EVERY_PAGE = frozenset(("as_of", "occurred_as_of", "today", "recorded", "again", "format"))
"""What every page may be asked with, and its question is not: the page request reads it."""

MOST_ROWS = 1000
"""How many rows a page shows at most."""

_DIGITS = 9


def question_from(
    kind: type[Q], query: QueryParams, fields: Mapping[str, object],
    defaults: Mapping[str, object] | None = None,
) -> Q:
    """Return the question that a query asks; ``fields`` are known from elsewhere.

    ``defaults`` hold where the query says nothing. A ``limit`` is ignored where the question has
    none, because links carry it from list to list. Raises ``RequestValidationError`` for a
    parameter that the question does not know, for one that is among the ``fields``, and for a value
    that can never be right.
    """
    written = {
        name: value for name in query if name not in OF_EVERY_PAGE
        and (name != "limit" or name in kind.model_fields)
        and (value := _value_of(kind, query, name))
    }
    aliased = {name for name, field in kind.model_fields.items() if field.validation_alias}
    if unknown := sorted(written.keys() & (fields.keys() | aliased)):
        raise _wrong(unknown[0], "extra_forbidden", "Extra inputs are not permitted")
    limit = written.get("limit")
    if isinstance(limit, str) and limit.isdecimal() and int(limit[:_DIGITS]) > MOST_ROWS:
        raise _wrong(
            "limit", "less_than_equal", f"Input should be less than or equal to {MOST_ROWS}"
        )
    try:
        return kind.model_validate({**(defaults or {}), **fields, **written})
    except ValidationError as error:
        raise wrong_in("query", error) from None


def _value_of(kind: type[Question[Any]], query: QueryParams, name: str) -> str | list[str]:
    """Return the last value of a parameter, or all of them for a field that holds a list."""
    lists = {
        field.validation_alias or each for each, field in kind.model_fields.items()
        if get_origin(field.annotation) is list
    }
    return query.getlist(name) if name in lists else query[name].strip(" ")


def _wrong(name: str, code: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"type": code, "loc": ("query", name), "msg": message}])
