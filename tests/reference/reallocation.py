"""Distributing the units of an item once more: the strategies of rule 5.9, one line at a time.

``fair_share`` is not told here: ``tests/ledger/test_rule_5_reallocation_properties.py`` compares it
with every possible distribution.
"""

from collections.abc import Callable
from decimal import Decimal

from tests.reference.shop import ZERO, Line, PlainShop, Refused

Key = tuple[str, int]
"""Order and line."""


def distribute(
    shop: PlainShop, sku: str, strategy: str, named: dict[Key, str], pool: str | None
) -> None:
    """Let lines keep, win, gain or lose by their strategies, or refuse and change nothing."""
    lines = [line for line in shop.open_lines(sku) if pool in (None, line.pool)]
    if not named.keys() <= {(line.order, line.number) for line in lines}:
        raise Refused("not_enough_remaining")
    strategies = {
        (line.order, line.number): named.get((line.order, line.number), strategy)
        for line in lines
    }
    before = [(line, line.allocated) for line in lines]
    had = {(line.order, line.number): line.allocated for line in lines}
    for line in lines:
        line.allocated = ZERO

    def serve(which: str, up_to: Callable[[Line], Decimal]) -> None:
        for line in lines:
            if strategies[line.order, line.number] == which:
                wanted = max(up_to(line) - line.allocated, ZERO)
                line.allocated += min(wanted, shop.free(sku, line.pool))

    serve("gain", lambda line: had[line.order, line.number])
    serve("win", lambda line: line.remaining)
    lost = [
        line for line in lines
        if strategies[line.order, line.number] == "win" and line.allocated < line.remaining
    ]
    if lost:
        for line, allocated in before:
            line.allocated = allocated
        raise Refused(*["not_enough_on_hand"] * len(lost))
    serve("gain", lambda line: line.remaining)
    serve("redistribute", lambda line: line.remaining)
    serve("fill", lambda line: had[line.order, line.number])
    serve("lose", lambda line: line.remaining)
