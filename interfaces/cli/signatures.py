"""The signatures of functions that are made from models, as the command line reads them."""

import inspect
from collections.abc import Callable, Iterable

from stocktrail.interfaces.cli.session import SessionArgument

Subcommand = Callable[..., int]


def with_parameters(
    subcommand: Subcommand, name: str, sentences: str | None,
    parameters: Iterable[inspect.Parameter],
) -> Subcommand:
    """Return a function with these parameters and the session, under a name, with its help."""
    session = inspect.Parameter(
        "session", inspect.Parameter.KEYWORD_ONLY, annotation=SessionArgument
    )
    signature = inspect.Signature([*parameters, session])
    subcommand.__signature__ = signature  # type: ignore[attr-defined]
    subcommand.__annotations__ = {
        each: parameter.annotation for each, parameter in signature.parameters.items()
    }
    subcommand.__name__ = name.replace("-", "_")
    subcommand.__doc__ = sentences
    return subcommand
