"""What decisions about several items read: the settings, and the stock of each item."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineUnits
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.back_dated import When, past_below_zero
from stocktrail.ledger.stock.product import require_quantity
from stocktrail.ledger.stock.state import ProductStock


class Stocks(Protocol):
    """Where a decision gets what it asks for; nothing is read before it does."""

    def settings(self) -> Settings:
        """Return the settings of the ledger."""

    def stock(self, sku: str) -> ProductStock:
        """Return the stock of an item; empty when it was never registered."""

    def when(self, stock: ProductStock) -> When:
        """Return when that occurred which is decided, and how to look up what the item did then."""


def require_whole_units(stocks: Stocks, units: Iterable[LineUnits]) -> None:
    """Refuse fractions of items that come in whole units only."""
    for each in units:
        require_quantity(stocks.stock(each.sku), each.quantity)


def warnings_about_the_past(
    stocks: Stocks, moves: Iterable[tuple[ProductStock, Sequence[Event]]]
) -> list[str]:
    """Return a warning for each source that held less than nothing in the past, by these moves."""
    return [
        warning for stock, events in moves
        for warning in past_below_zero(stock, events, stocks.when(stock))
    ]


def moved(stock: ProductStock, when: When, events: Sequence[Event]) -> Decision:
    """Return the decision by which units move at the sources of one item, with its warnings."""
    return Decision(((stock, events),), past_below_zero(stock, events, when))
