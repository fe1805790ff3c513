"""Decisions about sources and pools, and what follows from them for the allocations of every item.

What is taken back stands before the change and what is given stands after it, so that no step of
the history shows more allocated than there is.

Rules 4.3 and 4.4 are the source.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.movements import taken_back_and_given
from stocktrail.ledger.stock.state import ProductStock

StocksAt = Callable[[Iterable[str]], Iterable[ProductStock]]
"""Returns the stock of every item that one of some sources carries."""


def enable_source(settings: Settings, stocks_at: StocksAt, source: str) -> Decision:
    """Let the stock of a source be sold, and serve the queues with it."""
    return _with_allocations(settings, stocks_at, [source], settings.enable_source(source))


def disable_source(settings: Settings, stocks_at: StocksAt, source: str) -> Decision:
    """Keep the stock of a source from being sold, and take back what its units carried."""
    return _with_allocations(settings, stocks_at, [source], settings.disable_source(source))


def define_pool(
    settings: Settings, stocks_at: StocksAt, pool: str, sources: Sequence[str],
    name: str | None,
) -> Decision:
    """Define the sources of a pool; where it had others, allocations follow the new ones."""
    changed = settings.changed_sources(pool, sources) if pool in settings.pools else set()
    events = settings.define_pool(pool, sources, name)
    return _with_allocations(settings, stocks_at, changed, events)


def _with_allocations(
    settings: Settings, stocks_at: StocksAt, changed: Collection[str], events: Sequence[Event]
) -> Decision:
    """Return a change of what may be sold where, with what follows for items that have lines.

    Only those follow that lie at the sources that ``changed``: all others have as much to be sold,
    in every pool, as before.
    """
    if not events:
        return Decision()
    after = settings.after(events)
    revoked: list[tuple[ProductStock, Sequence[Event]]] = []
    given: list[tuple[ProductStock, Sequence[Event]]] = []
    for stock in stocks_at(changed) if changed else ():
        if stock.lines:
            taken, handed_on = taken_back_and_given(stock, after, stock.sellable(after))
            revoked.append((stock, taken))
            given.append((stock, handed_on))
    return Decision([*revoked, (settings, events), *given])
