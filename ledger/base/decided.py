"""Events made of values that a decision has just computed, without validating them again."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

_set_values, _set_fields_set, _set_extra, _set_private = (
    BaseModel.__dict__[slot].__set__
    for slot in (
        "__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__",
    )
)


def maker_of(model: type[BaseModel]) -> Callable[..., Any]:
    """Return a function that makes a model of all its fields, given by name and in their order.

    It fills the four slots of a pydantic model and skips the validation: an event of an order in
    0.9 instead of 1.5 us, an order of three lines in 159 instead of 177 us of processor
    (``python -m benchmarks.fast_paths decided``, 2026-11-29). Pydantic's own ``model_construct``
    is slower than the validation.
    """
    names = set(model.model_fields)
    new = object.__new__

    def make(**values: Any) -> Any:
        made = new(model)
        _set_values(made, values)
        _set_fields_set(made, names)
        _set_extra(made, None)
        _set_private(made, None)
        return made

    return make
