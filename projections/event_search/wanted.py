"""What is searched for in the log, and in which ranges the names of its streams are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.spelling import composed, spellings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.webhook import Webhook

WHATEVER_FOLLOWS = "*"

_TYPES_IN = {
    each.category: frozenset(kind.__name__ for kind in each.appliers)
    for each in (Customer, Order, ProductStock, PurchaseOrder, Settings, Webhook)
}
"""The types of the events in the streams of a category."""

_AFTER_EVERY_NAME = "\x01"
"""What follows a name at once in the order of names: no id contains it."""

_COMPOSED_TO_ASCII = {"K": "\u212a", ";": "\u037e", "`": "\u1fef"}
"""The characters whose composed form is another one, in ASCII."""

_beginning_in_ascii = re.compile(r"[\x00-\x7f]*").match


@dataclass(frozen=True)
class Wanted:
    """Some types, by their names without version, a stream, an actor, and some streams by name.

    What is not given is not asked for. A stream that ends with ``*`` is every stream whose name
    begins so; ``streams`` are whole names, as they were written.
    """

    types: frozenset[str] = frozenset()
    stream: str | None = None
    actor: str | None = None
    streams: frozenset[str] | None = None

    def picks(self, recorded: RecordedEvent) -> bool:
        """Return whether an event is one of those that are wanted."""
        name = recorded.originator_id
        if self.types and type(recorded.payload).__name__ not in self.types:
            return False
        if self.actor is not None and recorded.actor != self.actor:
            return False
        if self.streams is not None and name not in self.streams:
            return False
        if self.stream is None:
            return True
        stream = composed(self.stream)
        if stream.endswith(WHATEVER_FOLLOWS):
            return composed(name).startswith(stream[:-1])
        return composed(name) == stream

    @cached_property
    def searched_types(self) -> frozenset[str] | None:
        """The types that may be in the stream, of those that are wanted; ``None`` where all may be.

        >>> Wanted(frozenset({"OrderPlaced", "CustomerErased"}), "customer/*").searched_types
        frozenset({'CustomerErased'})
        >>> Wanted(frozenset({"OrderPlaced"}), "customer/*").searched_types
        frozenset()
        """
        category, slash, _ = (self.stream or "").partition("/")
        within = _TYPES_IN.get(category) if slash else None
        if within is None:
            return self.types or None
        return self.types & within if self.types else within

    @property
    def is_whole_category(self) -> bool:
        """Whether the stream is every stream of a category, so that types say where they are."""
        category, slash, rest = (self.stream or "").partition("/")
        return bool(slash) and rest == WHATEVER_FOLLOWS and category in _TYPES_IN

    @property
    def one_stream(self) -> str | None:
        """The stream, if it can have one name only."""
        stream = self.stream
        is_one = stream and stream.isascii() and not stream.endswith(WHATEVER_FOLLOWS)
        return stream if is_one else None

    @cached_property
    def ranges(self) -> tuple[tuple[str, str], ...]:
        """The ranges of names that the stream is in, each up to a name that is not in it.

        Names are kept as they were written, and compared in their composed form.

        >>> Wanted(stream="order/SO-*").ranges
        (('order/SO-', 'order/SO.'),)
        >>> Wanted(stream="*").ranges
        ()
        """
        if not self.stream:
            return ()
        if not self.stream.endswith(WHATEVER_FOLLOWS):
            return tuple((name, name + _AFTER_EVERY_NAME) for name in spellings(self.stream))
        beginning = _ascii_part(composed(self.stream[:-1]))
        return tuple(
            (each, each[:-1] + chr(ord(each[-1]) + 1)) for each in _as_written(beginning)
        )


def _ascii_part(beginning: str) -> str:
    found = _beginning_in_ascii(beginning)
    assert found is not None
    return found[0]


def _as_written(beginning: str) -> Iterator[str]:
    r"""Yield beginnings of the names whose composed form begins so.

    >>> list(_as_written("stock/K"))
    ['stock/K', 'stock/\u212a']
    """
    if beginning:
        yield beginning
    for place, character in enumerate(beginning):
        if character in _COMPOSED_TO_ASCII:
            yield beginning[:place] + _COMPOSED_TO_ASCII[character]
