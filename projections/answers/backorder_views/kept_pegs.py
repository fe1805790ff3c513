"""What lines are pegged to, read as it is kept, without putting their queues together.

Of 100,000 lines that takes 0.2 s of processor, and 3.3 as queues of promised lines (2026-11-30).
Items that must be pegged again for today are.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from stocktrail.ledger.store.tables import one_of
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.folding.shadow_tables import gc_paused
from stocktrail.projections.models.open_lines import OPEN_LINE


class KeptPeg(NamedTuple):
    """Units of an order's line that wait for a purchase line; quantities in ten-thousandths."""

    order: str
    customer: str
    purchase_order: str
    purchase_line: int
    quantity: int


LinePegs = tuple[str, str, Sequence[Sequence[Any]]]
"""An order, its customer, and the pegs of a line: purchase order, its line, units and more."""


def kept_pegs(moment: MomentView, skus: Sequence[str] | None = None) -> Iterator[KeptPeg]:
    """Yield every peg of the lines of some items, or of all."""
    for order, customer, pegs in pegs_of_lines(moment, skus):
        for name, number, quantity, *_ in pegs:
            yield KeptPeg(order, customer, name, number, quantity)


def pegs_of_lines(moment: MomentView, skus: Sequence[str] | None = None) -> Iterator[LinePegs]:
    """Yield the pegs of each line of some items, or of all, as they are kept."""
    stale = set(moment.promises.stale)
    if skus is None:
        again = f"sku NOT IN ({moment.promises.stale_skus})" if stale else "1 = 1"
        asked = [(again, {"today": moment.today.isoformat()} if stale else {})]
    else:
        asked = list(one_of("sku", [sku for sku in skus if sku not in stale]))
        stale = stale.intersection(skus)
    for condition, parameters in asked:
        yield from _read(moment, condition, parameters)
    for queue in moment.promises.queues(sorted(stale)).values():
        for line in queue.lines.values():
            yield line.order, line.customer, line.pegs


def _read(
    moment: MomentView, condition: str, parameters: dict[str, str]
) -> Iterator[LinePegs]:
    moment.cursor.execute(
        f"SELECT order_id, customer, pegs FROM {moment.place.table(OPEN_LINE).name} "
        f"WHERE {condition} AND pegs <> '[]'", parameters,
    )
    with gc_paused():
        rows = list(map(tuple, moment.cursor.fetchall()))
        of_lines = orjson.loads(f"[{','.join([pegs for *_, pegs in rows])}]")
    for (order, customer, _), pegs in zip(rows, of_lines, strict=True):
        yield order, customer, pegs
