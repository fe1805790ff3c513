"""Ids that the ledger knows, offered by the shell while one is typed.

The script of a shell asks for them by calling ``stocktrail __complete`` with the words typed so
far. They are those of the ledger that STOCKTRAIL_DATABASE_URL names, as its read models know them.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING

from stocktrail.interfaces.cli.session import Session

if TYPE_CHECKING:
    from cyclopts.completion import CompletionContext

    from stocktrail.projections import ReadModels

ASKED_BY_SHELL = "__complete"
"""The first word of a call by which a shell asks for what may follow."""

asking_session: ContextVar[Session] = ContextVar("asking_session")
"""The session of a call by a shell."""

Offered = Iterable[tuple[str, str]]
"""Ids, and the name of what each belongs to."""


def ids_of(kind: str | None) -> Callable[["CompletionContext"], Offered] | None:
    """Return what offers ids of a kind of thing; ``None`` for fields that name no thing."""
    if kind is None:
        return None

    def offered(context: "CompletionContext") -> Offered:
        with asking_session.get().read_models(caught_up=False) as models:
            return list(_known(models, kind, context.incomplete))

    return offered


def _known(models: "ReadModels", kind: str, text: str) -> Offered:
    """Yield the ids that begin as is typed: all sources and pools, of other things the best."""
    from typing import get_args

    from stocktrail.projections.answers.form_choices import (
        TypedKind,
        found_choices,
        listed_choices,
    )

    for typed in get_args(TypedKind):
        if kind == typed:
            yield from (
                (each.value, each.label) for each in found_choices(models, typed, text)
                if each.value.startswith(text)
            )
    names = listed_choices(models).get(kind, ())
    yield from ((name, "") for name in names if name.startswith(text))
