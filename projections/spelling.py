"""Spelling: a question finds an id in whichever of its Unicode forms it is asked for."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar, cast

from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.spelling import known_spelling
from stocktrail.ledger.store import Ledger
from stocktrail.projections.read_models import ReadModels

P = ParamSpec("P")
R = TypeVar("R")

_KINDS = {
    "sku": "stock", "order_id": "order", "purchase_order_id": "purchase-order",
    "customer_id": "customer", "webhook": "webhook", "pool": "pool", "source": "source",
}


def spelling_in(ledger: Ledger, kind: str, text: str) -> str:
    """Return an id in the spelling in which a ledger knows it, composed when it knows none.

    ``kind`` is ``source``, ``pool``, or a category of streams such as ``stock``.
    """
    if text.isascii():
        return text
    if kind in ("source", "pool"):
        settings = cast(Settings, ledger.aggregate(Settings.stream_of(SETTINGS_KEY)))
        known: Any = settings.sources if kind == "source" else settings.pools
        return known_spelling(text, known.__contains__)
    head = ledger.head().position
    return known_spelling(text, lambda each: ledger.version_at(f"{kind}/{each}", head) > 0)


def known_stream(ledger: Ledger, stream: str) -> str:
    """Return the name of a stream, or how names begin, in the spelling in which there is one."""
    kind, _, key = stream.partition("/")
    return f"{kind}/{spelling_in(ledger, kind, key)}" if key else stream


def in_any_spelling(question: Callable[P, R]) -> Callable[P, R]:
    """Let a question, whose first argument is the ledger or its read models, find its ids.

    What a parameter names is told by what it is called. Ids in ASCII, as nearly all are, are asked
    for as they come.
    """
    parameters = signature(question)

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        given = (*args, *kwargs.values())
        if all(each.isascii() for each in given if isinstance(each, str)):
            return question(*args, **kwargs)
        models: Any = args[0]
        ledger = models.ledger if isinstance(models, ReadModels) else models
        bound = parameters.bind(*args, **kwargs)
        for name, text in bound.arguments.items():
            if name in _KINDS and isinstance(text, str):
                bound.arguments[name] = spelling_in(ledger, _KINDS[name], text)
        return question(*bound.args, **bound.kwargs)

    return asked
