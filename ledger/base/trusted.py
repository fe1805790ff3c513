"""Reading payloads that the program wrote itself, without checking every value again.

Read models fold the whole log, so they read it at the speed of its JSON. What is left of pydantic's
work is what a field's type means: a date, a quantity, a part that is a model of its own. A payload
that is not of the expected form is left to the careful way, which says what is wrong with it.

A reader is written out as Python source for its model, as dataclasses write out their methods: going
through lists of fields took as long as pydantic's own validation.
"""

import types
from collections.abc import Callable
from datetime import date
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

NOT_AS_WRITTEN = (KeyError, TypeError, ValueError, AttributeError)
"""What a reader raises when a payload is not of the form that its event has."""

_READER = """
def read(values):
    if len(values) != {number}:
        values = {{**defaults, **values}}
        if len(values) != {number}:
            raise ValueError("fields are missing or not known")
{fields}
    made = new(model)
    put(made, "__dict__", values)
    put(made, "__pydantic_fields_set__", known)
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    return made
"""


def reader_of(model: type[BaseModel]) -> Callable[[dict[str, Any]], Any]:
    """Make the function that turns the JSON object of a model into the model, in place.

    Its fields must be text, numbers, dates, models, lists of them, or of a type that names its own
    ``from_json``. The function raises one of :data:`NOT_AS_WRITTEN` for an object that has not the
    model's fields.
    """
    fields = model.model_fields
    names: dict[str, Any] = {
        "model": model, "new": object.__new__, "put": object.__setattr__, "known": set(fields),
        "defaults": {
            name: field.default for name, field in fields.items() if not field.is_required()
        },
    }
    lines = []
    for name, field in fields.items():
        read = _read("value", field.annotation, tuple(field.metadata), names)
        if read == "value":
            lines.append(f"    values[{name!r}]")          # raises KeyError when it is not there
        else:
            lines += [f"    value = values[{name!r}]", f"    values[{name!r}] = {read}"]
    source = _READER.format(number=len(fields), fields="\n".join(lines))
    exec(compile(source, f"<reader of {model.__name__}>", "exec"), names)
    return names["read"]  # type: ignore[no-any-return]


def _read(value: str, kind: Any, metadata: tuple[Any, ...], names: dict[str, Any]) -> str:
    """Write the expression that reads a value of a type; the value itself where JSON gives it."""
    for each in (*metadata, *getattr(kind, "__metadata__", ())):
        if (own := getattr(each, "from_json", None)) is not None:
            return _call(own, value, names)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        [inner] = [each for each in get_args(kind) if each is not type(None)]
        read = _read(value, inner, (), names)
        return read if read == value else f"None if {value} is None else {read}"
    if origin is tuple:
        read = _read("part", get_args(kind)[0], (), names)
        return f"tuple({value})" if read == "part" else f"tuple([{read} for part in {value}])"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _call(reader_of(kind), value, names)
    return _call(date.fromisoformat, value, names) if kind is date else value


def _call(reader: Callable[[Any], Any], value: str, names: dict[str, Any]) -> str:
    name = next((known for known, each in names.items() if each is reader), f"read_{len(names)}")
    names[name] = reader
    return f"{name}({value})"
