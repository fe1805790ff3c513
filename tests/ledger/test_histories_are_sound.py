"""Whatever happens in whatever order, the rules of section 4 hold after every single event.

:meth:`tests.scenes.Decided.then_something` looks after each event: nothing below zero, sums in
step, the queue in order, allocations feasible; and after each decision: nobody waits in vain.
"""

from hypothesis import given as for_all

from stocktrail.ledger.stock.events import StockShipped
from tests.ledger.histories import HISTORIES, opened
from tests.scenes import Decision


@for_all(HISTORIES)
def test_every_step_of_every_history_is_sound(history: list[Decision]) -> None:
    shop = opened()
    for step in history:
        decided = shop.when(step)
        if decided.refusal is None:
            shop = decided.then_something()


@for_all(HISTORIES)
def test_shipping_never_moves_salable(history: list[Decision]) -> None:
    shop = opened()
    for step in history:
        decided = shop.when(step)
        if decided.refusal is not None:
            continue
        before = {pool: shop.salable(pool) for pool in ("A", "B")}
        shop = decided.then_something()
        shipped = [event for event in decided.events if isinstance(event, StockShipped)]
        if shipped and shipped == decided.events:
            own = shipped[0].pool
            assert shop.salable(own) == before[own]
