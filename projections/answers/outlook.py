"""What an item will have in a pool: every open receipt in the order in which it will come.

Nothing is simulated. Pegs say which lines get how much of a receipt; the rest is free. So the
stock after a receipt is the stock before it, with the units on hand and the pegs allocated, and
its figures are those that every order is judged by.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.pegging import Blocked, OpenReceipt, is_overdue
from stocktrail.ledger.salability import Figures
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.stock.product import require
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.promised_lines import PromisedLine


class Coming(NamedTuple):
    """An open receipt, and by how many units the pool's supply grows when it comes.

    ``day`` is the one on which it is counted, ``None`` where it is undated; a blocked one helps
    nobody. ``figures`` are those of the pool once it has come.
    """

    receipt: OpenReceipt
    day: date | None
    blocked: Blocked | None
    gained: int
    figures: Figures

    @property
    def key(self) -> LineKey:
        """The purchase order and the number of its line."""
        return (self.receipt.purchase_order, self.receipt.line)

    def is_overdue(self, today: date) -> bool:
        """Return whether it should have come before today."""
        return is_overdue(self.receipt.expected_date, today)


class Outlook:
    """An item in a pool, with its open lines there and every receipt that is to come.

    Of the queue those lines are needed that are pegged to anything; ``lines`` are those it has.
    """

    def __init__(
        self, stock: ProductStock, queue: Queue, settings: Settings, pool: str, today: date
    ) -> None:
        self.stock = stock
        self.queue = queue
        self.settings = settings
        self.pool = pool
        self.today = today
        self.figures: Figures = stock.figures(settings, pool)
        self.sources: tuple[str, ...] = settings.sources_of(pool)

    @property
    def lines(self) -> Iterator[PromisedLine]:
        """The open lines of the pool."""
        return (line for line in self.queue.lines.values() if line.pool == self.pool)

    def receipts(self) -> list[OpenReceipt]:
        """Return the receipts in the order in which they will come; undated ones last."""
        return sorted(self.queue.receipts.values(), key=lambda each: (
            self.queue.counted_on(each, self.settings, self.today) or date.max, each.placed,
            each.line,
        ))

    def coming(self) -> Iterator[Coming]:
        """Let every receipt come, one after the other.

        An undated one and a blocked one change nothing: of the first nobody knows when it comes,
        and nobody can be sold what the second brings.
        """
        pegs = self._pegs()
        stock, figures = self.stock.clone(), self.figures
        for receipt in self.receipts():
            day = self.queue.counted_on(receipt, self.settings, self.today)
            blocked = self.queue.why_blocked(receipt, self.settings)
            gained = 0
            if day is not None and not blocked:
                self._receive(stock, receipt, pegs.get((receipt.purchase_order, receipt.line), ()))
                before, figures = figures, stock.figures(self.settings, self.pool)
                gained = figures.supply - before.supply
            yield Coming(receipt, day, blocked, gained, figures)

    def _pegs(self) -> dict[LineKey, list[tuple[str, int]]]:
        """Return which pools' lines get how much of each receipt."""
        pegs: dict[LineKey, list[tuple[str, int]]] = {}
        for line in self.queue.lines.values():
            for peg in line.pegs:
                key = (peg.purchase_order, peg.purchase_line)
                pegs.setdefault(key, []).append((line.pool, peg.quantity))
        return pegs

    def _receive(
        self, stock: ProductStock, receipt: OpenReceipt, pegs: Iterable[tuple[str, int]]
    ) -> None:
        stock.on_hand[receipt.source] = stock.on_hand.get(receipt.source, 0) + receipt.quantity
        for pool, quantity in pegs:
            stock.allocated[pool] = stock.allocated.get(pool, 0) + quantity


def outlook_of(moment: MomentView, sku: str, pool: str, *, with_lines: bool) -> Outlook:
    """Look at an item in a pool, with all its lines or with those that are pegged to anything.

    Refuses an unknown item (``unknown_sku``) or pool.
    """
    stock = moment.stock(sku)
    require(stock)
    promises = moment.promises
    [queue] = (promises.queues if with_lines else promises.fronts)([sku]).values()
    return Outlook(stock, queue, moment.settings, pool, moment.today)
