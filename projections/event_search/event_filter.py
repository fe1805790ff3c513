"""What people narrow the log down by: types, a stream, who sent it, a customer, a command, times.

Everything here is looked up: types and actors in the index of events, streams in that of streams,
a command by its id, times by the log's own order. So a page of the log costs what its own events
cost, however rare they are among a million.
"""

from dataclasses import dataclass
from datetime import date

from stocktrail.ledger.customer import Customer
from stocktrail.ledger.instant import parse_moment, to_instant
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.time_zone import end_of_day_in, start_of_day
from stocktrail.projections.as_of.moment import require_period, time_zone_at
from stocktrail.projections.event_search.wanted import Wanted
from stocktrail.projections.models.orders import ORDER
from stocktrail.projections.read_models import ReadModels

_DAY = len("2026-03-01")


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """What events must meet, all of it; what is empty asks for nothing.

    ``type`` is a name without version, ``stream`` may end with ``*``. Of a ``customer`` are the
    events of the customer and of all orders. ``since`` and ``until`` are times of recording; a day
    is one of the shop, from its beginning or to its end.
    """

    type: str = ""
    stream: str = ""
    actor: str = ""
    customer: str = ""
    command: str = ""
    since: str = ""
    until: str = ""

    def wanted(self, models: ReadModels) -> Wanted:
        """Return what to search the log for, in which orders of a customer have their streams."""
        return Wanted(
            frozenset({self.type} if self.type else ()), self.stream or None, self.actor or None,
            _streams_of(models, self.customer) if self.customer else None,
        )

    def positions(self, ledger: Ledger) -> tuple[int, int]:
        """Return the position above which events may be, and the last at which they may be.

        Refuses what is no time (``bad_moment``), and a period that ends before it begins
        (``bad_period``).
        """
        above, last = 0, ledger.head().position
        since = _instant(ledger, "since", self.since) if self.since else None
        until = _instant(ledger, "until", self.until) if self.until else None
        if since is not None and until is not None:
            require_period(("since", self.since, since), ("until", self.until, until))
        if since is not None:
            above = ledger.position_at(since - 1)
        if until is not None:
            last = min(last, ledger.position_at(until))
        if self.command:
            outcome = ledger.outcome(self.command)
            if outcome is None:
                return above, 0
            above, last = max(above, outcome.first_position - 1), min(last, outcome.last_position)
        return above, last


def _streams_of(models: ReadModels, customer: str) -> frozenset[str]:
    """Return the names of the streams of a customer and of the customer's orders."""
    with models.reading() as reading:
        orders = reading.place.table(ORDER).name
        reading.cursor.execute(
            f"SELECT order_id FROM {orders} WHERE customer = :customer", {"customer": customer}
        )
        return frozenset((
            Customer.stream_of(customer),
            *(Order.stream_of(row["order_id"]) for row in reading.cursor.fetchall()),
        ))


def _instant(ledger: Ledger, name: str, text: str) -> int:
    try:
        if len(text) != _DAY:
            return to_instant(parse_moment(text))
        day, zone = date.fromisoformat(text), time_zone_at(ledger)
    except ValueError:
        raise Refusal(
            "bad_moment", f"{name}: {text[:60]!r} is neither a day such as 2026-03-01 nor a time "
            "such as 2026-03-01T09:00:00Z.",
        ) from None
    return start_of_day(day, zone) if name == "since" else end_of_day_in(day, zone)
