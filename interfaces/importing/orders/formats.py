"""Formats: what the columns of a system's order export mean, and what is still open by them."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.orders.documents import FiledOrder
from stocktrail.interfaces.importing.orders.statuses import Statuses
from stocktrail.interfaces.importing.records import Record


class OrderFormat(NamedTuple):
    """How one system writes orders.

    ``called`` is what people call it. ``fields`` are its columns, ``packed`` those that hold
    several lines in a cell, ``signatures`` headings that only its files have together, and
    ``statuses`` its words. ``closed_because`` returns why nothing of an
    order is to come any more, ``None`` where something may be. ``items`` yields what a document's
    rows name as lines, ``remaining`` counts the open units of one, and ``doubts`` yields what the
    file leaves open about an order that is taken as it stands. ``without_items`` says what to do
    about a file that names no items.
    """

    called: str
    fields: Sequence[Field]
    signatures: Sequence[Sequence[str]]
    statuses: Statuses
    closed_because: Callable[[FiledOrder, Statuses], str | None]
    items: Callable[[FiledOrder], Iterator[Record]]
    remaining: Callable[[Record, Statuses], int]
    doubts: Callable[[FiledOrder], Iterator[str]]
    without_items: str
    packed: Sequence[str] = ()


SOLD_FROM = (
    Field("pool", "the pool that the order is sold from"),
    Field("priority", "its place in the queues, 1 is first", kind="number"),
    Field("ship_policy", "partial, or complete: only whole"),
    Field("requested_date", "when the line is wanted"),
    Field("line", "the number of the line in its order", kind="number"),
    Field("remaining", "units that are still to be shipped", kind="number"),
)
"""What no system's export has, and may be set or mapped all the same."""


def every_row(document: FiledOrder) -> Iterator[Record]:
    """Yield the rows of a document: each is a line of it."""
    yield from document.records


def no_doubts(_: FiledOrder) -> Iterator[str]:
    """Yield nothing: the rows say all there is to know."""
    yield from ()


def closed_by_status(document: FiledOrder, statuses: Statuses) -> str | None:
    """Return the status of an order of which nothing is to come, ``None`` for an open one."""
    return document.closed_by(statuses)
