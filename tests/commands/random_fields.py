"""Random commands made of a model alone, for those of which nobody wrote a strategy by hand."""

from collections.abc import Mapping
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from hypothesis import strategies as st

from stocktrail.commands import Command

Rows = st.SearchStrategy[dict[str, Any]]


def rows_of(model: type[Command], by_name: Mapping[str, st.SearchStrategy[Any]]) -> Rows:
    """Make rows of a command: of each field by its name, else by what it may hold.

    Where neither says enough a field is left out. Raises ``LookupError`` for a required one.
    """
    own = {
        name: field for name, field in model.model_fields.items()
        if name not in Command.model_fields
    }
    values = {
        name: by_name[name] if name in by_name else _values_of(field.annotation)
        for name, field in own.items()
    }
    required = {name for name, field in own.items() if field.is_required()}
    for name in required:
        if values[name] is None:
            raise LookupError(
                f"What may {name} of {model.command} hold? Write strategies of the command into "
                "tests/commands/random_commands.py and tests/ledger/histories.py."
            )
    known = {name: each for name, each in values.items() if each is not None}
    return st.fixed_dictionaries(
        {"command": st.just(model.command), **{name: known[name] for name in required}},
        optional={name: each for name, each in known.items() if name not in required},
    )


def _values_of(kind: Any) -> st.SearchStrategy[Any] | None:
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    of_kinds = {str: st.just("because"), bool: st.booleans(), int: st.integers(1, 5)}
    if kind in of_kinds:
        return of_kinds[kind]
    choices = [each for each in get_args(kind) if each is not NoneType]
    return _values_of(choices[0]) if len(choices) == 1 else None
