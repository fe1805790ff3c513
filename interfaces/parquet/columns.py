"""The columns of a table and the kinds of their values, found in the shapes of answers."""

from collections.abc import Iterator
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from stocktrail.projections.answers.shapes.shape import Shape

Scalar = Literal["text", "whole", "quantity", "flag", "day", "moment"]
"""Kinds of single values: a quantity is a decimal of units, a moment is in UTC."""


class ListOf(NamedTuple):
    """The kind of a list, by that of its elements."""

    element: "Kind"


class RecordOf(NamedTuple):
    """The kind of an object with known fields."""

    columns: tuple["TypedColumn", ...]


class MapOf(NamedTuple):
    """The kind of an object whose names are data, by that of its values."""

    value: "Kind"


Kind = Scalar | ListOf | RecordOf | MapOf


class TypedColumn(NamedTuple):
    """A column: its name, and the kind of its values; any may be absent."""

    name: str
    kind: Kind


_SCALARS: dict[Any, Scalar] = {
    str: "text", bool: "flag", int: "whole", date: "day", datetime: "moment",
}


def columns_of(shape: type[Shape]) -> tuple[TypedColumn, ...]:
    """Return the columns of rows of a shape, in the order of its fields."""
    return tuple(
        TypedColumn(field.alias or name, kind_of_values(field.annotation))
        for name, field in shape.model_fields.items()
    )


def kind_of_values(annotation: Any) -> Kind:
    """Return the kind of values of a type; raises ``TypeError`` for one that has none.

    >>> kind_of_values(int | float | None), kind_of_values(list[date])
    ('quantity', ListOf(element='day'))
    """
    kinds = set(_alternatives(annotation)) - {NoneType}
    if kinds == {int, float}:
        return "quantity"
    if len(kinds) == 1:
        (kind,) = kinds
        arguments = get_args(kind)
        if get_origin(kind) is Literal:
            return "text"
        if get_origin(kind) is list:
            return ListOf(kind_of_values(arguments[0]))
        if get_origin(kind) is dict:
            return MapOf(kind_of_values(arguments[1]))
        if isinstance(kind, type) and issubclass(kind, Shape):
            return RecordOf(columns_of(kind))
        if kind in _SCALARS:
            return _SCALARS[kind]
    raise TypeError(f"{annotation} has no kind of a column.")


def _alternatives(annotation: Any) -> Iterator[Any]:
    """Yield the types that a value may have, without what is said of them."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _alternatives(each)
    else:
        yield annotation
