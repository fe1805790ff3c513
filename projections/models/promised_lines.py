"""An open line with what is promised of it: one row of the read model of open lines."""

from datetime import date
from typing import Literal, NamedTuple

from stocktrail.ledger.pegging import Peg, latest
from stocktrail.ledger.stock.open_lines import LineKey, OpenLine, QueueKey
from stocktrail.projections.models.overdue import OverdueReceipt, RestsOn, all_of
from stocktrail.projections.models.tellings import NEVER_TOLD, Told

PromiseState = Literal["ready", "dated", "uncertain", "none"]
"""How sure a promise is: all is there for the day asked for, it has a date, that is uncertain, or
there is none.
"""


class PromisedLine(NamedTuple):
    """An open line, whose it is, and when it can ship; ``since`` is the position of its order.

    ``promise_date`` is the date of its last part, or of its whole order where that ships complete,
    and ``None`` while a part is uncovered; it ``rests_on`` overdue receipts, if on any. ``told`` is
    what its customer was told of it so far. While its item is not ``managed`` it waits for nothing.
    """

    open_line: OpenLine
    sku: str
    customer: str
    ship_policy: str
    since: int
    placed_on: date
    pegs: tuple[Peg, ...] = ()
    promise_date: date | None = None
    slips: int = 0
    days_slipped: int = 0
    told: Told = NEVER_TOLD
    rests_on: RestsOn = ()
    managed: bool = True

    # ------------------------------------------------------------------ the open line

    @property
    def order(self) -> str:
        """The order."""
        return self.open_line.order

    @property
    def line(self) -> int:
        """The number of the line in its order."""
        return self.open_line.line

    @property
    def pool(self) -> str:
        """The pool in which it was sold."""
        return self.open_line.pool

    @property
    def remaining(self) -> int:
        """Units that are still to be shipped."""
        return self.open_line.remaining

    @property
    def allocated(self) -> int:
        """Units that are bound to it."""
        return self.open_line.allocated

    @property
    def priority(self) -> int:
        """Its priority in the queue."""
        return self.open_line.priority

    @property
    def requested_date(self) -> date:
        """The day that it was asked for."""
        return self.open_line.requested_date

    @property
    def key(self) -> LineKey:
        """The order and the number of the line."""
        return self.open_line.key

    @property
    def queue_key(self) -> QueueKey:
        """The line's place in its item's queue."""
        return self.open_line.queue_key

    @property
    def backordered(self) -> int:
        """Units that are not allocated."""
        open_line = self.open_line
        return open_line.remaining - open_line.allocated

    def pegged_to(self, pegs: tuple[Peg, ...]) -> "PromisedLine":
        """Return the line with other pegs, as ``_replace`` does in three times the time."""
        return PromisedLine(
            self.open_line, self.sku, self.customer, self.ship_policy, self.since, self.placed_on,
            pegs, self.promise_date, self.slips, self.days_slipped, self.told, self.rests_on,
            self.managed,
        )

    # ------------------------------------------------------------------ what is promised

    @property
    def waits_for(self) -> int:
        """Units that the line waits for: none while stock of its item is not managed."""
        return self.open_line.backordered if self.managed else 0

    @property
    def uncovered(self) -> int:
        """Units that no open receipt covers."""
        waiting = self.open_line.backordered if self.managed else 0
        return waiting - sum([each.quantity for each in self.pegs]) if self.pegs else waiting

    @property
    def ready_date(self) -> date | None:
        """When the last pegged part can be picked; ``None`` if a part is uncovered, or none is."""
        return None if self.uncovered else latest(each.ready for each in self.pegs)

    @property
    def own_date(self) -> date | None:
        """What the line would be promised if it shipped without the rest of its order."""
        if not (self.pegs or self.waits_for):
            return self.open_line.requested_date
        if self.uncovered:
            return None
        return max([self.open_line.requested_date, *(each.ready for each in self.pegs)])

    @property
    def own_rests_on(self) -> RestsOn:
        """The overdue receipts that its own parts wait for."""
        return all_of([
            (OverdueReceipt(each.purchase_order, each.purchase_line, each.overdue_since),)
            for each in self.pegs if each.overdue_since is not None
        ]) if self.pegs else ()

    @property
    def uncertain(self) -> bool:
        """Whether its promise rests on an overdue receipt, and is no date to tell a customer."""
        return bool(self.rests_on)

    @property
    def promise_state(self) -> PromiseState:
        """How sure its promise is."""
        promised = self.promise_date
        if promised is None:
            return "none"
        if self.rests_on:
            return "uncertain"
        waits = self.waits_for or promised > self.open_line.requested_date
        return "dated" if waits else "ready"

    @property
    def is_to_tell(self) -> bool:
        """Whether it is promised otherwise than its customer knows, and somebody must say so.

        What is there for the day that it was asked for is to ship, and not to tell. It depends on
        today only by its pegs, as they do.
        """
        if self.promise_state == "ready":
            return False
        return self.told.is_to_tell(self.promise_date, uncertain=self.uncertain)

    @property
    def is_promised_alone(self) -> bool:
        """Whether it waits for nothing, and is promised for the day it was asked for."""
        open_line = self.open_line
        return (
            open_line.remaining == open_line.allocated
            and self.promise_date == open_line.requested_date
        )

    @property
    def ships_complete(self) -> bool:
        """Whether all lines of the order ship together."""
        return self.ship_policy == "complete"
