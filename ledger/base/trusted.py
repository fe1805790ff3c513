"""Reading payloads that the program wrote itself, without checking every value again.

Read models fold the whole log, so they read it at the speed of its JSON. What is left of pydantic's
work is what a field's type means: a date, a quantity, a part that is a model of its own. A payload
that is not of the expected form is left to the careful way, which says what is wrong with it.
"""

import types
from collections.abc import Callable
from datetime import date
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

Reader = Callable[[Any], Any]
"""Turns a JSON value into the value of a field."""

_put_values, _put_fields_set, _put_extra, _put_private = (
    BaseModel.__dict__[slot].__set__
    for slot in (
        "__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__",
    )
)
"""The four slots of a model: filled directly, that takes a third of what a look-up by name does."""

NOT_AS_WRITTEN = (KeyError, TypeError, ValueError, AttributeError)
"""What a reader raises when a payload is not of the form that its event has."""


def maker_of(model: type[BaseModel]) -> Callable[..., Any]:
    """Make the function that makes a model of all its fields, given by name and in their order."""
    made_of = _made_of(model)
    return lambda **values: made_of(values)


def _made_of(model: type[BaseModel]) -> Callable[[dict[str, Any]], Any]:
    names = set(model.model_fields)
    new = object.__new__

    def made_of(values: dict[str, Any]) -> Any:
        made = new(model)
        _put_values(made, values)
        _put_fields_set(made, names)
        _put_extra(made, None)
        _put_private(made, None)
        return made

    return made_of


def reader_of(model: type[BaseModel]) -> Reader:
    """Make the function that turns the JSON object of a model into the model, in place.

    Its fields must be text, numbers, dates, models, lists of them, or of a type that names its own
    ``from_json``. The function raises one of :data:`NOT_AS_WRITTEN` for an object that has not the
    model's fields.
    """
    fields = model.model_fields
    names = set(fields)
    defaults = {
        name: field.default for name, field in fields.items() if not field.is_required()
    }
    readers = [
        (name, reader) for name, field in fields.items()
        if (reader := _reader(field.annotation, tuple(field.metadata))) is not None
    ]
    made_of = _made_of(model)

    def read(values: dict[str, Any]) -> Any:
        if values.keys() != names:
            values = {**defaults, **values}
            if values.keys() != names:
                raise ValueError(f"{', '.join(values.keys() ^ names)}: missing or not known")
        for name, reader in readers:
            values[name] = reader(values[name])
        return made_of(values)

    return read


def _reader(kind: Any, metadata: tuple[Any, ...] = ()) -> Reader | None:
    """Return what reads a value of a type; ``None`` where JSON gives the value itself."""
    for each in (*metadata, *getattr(kind, "__metadata__", ())):
        if (own := getattr(each, "from_json", None)) is not None:
            return own  # type: ignore[no-any-return]
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        [inner] = [each for each in get_args(kind) if each is not type(None)]
        return _or_none(_reader(inner))
    if origin is tuple:
        return _each(_reader(get_args(kind)[0]))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return reader_of(kind)
    # Not by identity: tests that freeze the clock put another class where `date` stood.
    is_date = isinstance(kind, type) and issubclass(kind, date)
    return date.fromisoformat if is_date else None


def _or_none(reader: Reader | None) -> Reader | None:
    if reader is None:
        return None
    return lambda value: None if value is None else reader(value)


def _each(reader: Reader | None) -> Reader:
    if reader is None:
        return tuple
    return lambda values: tuple([reader(value) for value in values])
