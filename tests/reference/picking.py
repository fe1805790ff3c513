"""From where the plain shop picks what it ships, and where it puts what comes back."""

from decimal import Decimal

from tests.reference.sharing import may_leave
from tests.reference.shop import ZERO, Line, PlainShop, Refused

Pick = tuple[Line, str, Decimal]
"""Units of a line that leave a source."""


def waits_for_units(shop: PlainShop, line: Line) -> bool:
    """Return whether a line ships only what is allocated to it."""
    return line.managed and shop.levels.value("manage_stock", line.sku, line.pool) == "on"


def picked(
    shop: PlainShop, takes: list[tuple[Line, Decimal]], source: str | None
) -> list[Pick]:
    """Pick units of lines by the pool's priority, or from a source; refuse what is not there.

    While stock is not managed only what is allocated is picked, as far as it is there.
    """
    there = {sku: shop.sellable(sku) for sku in shop.items}
    claims = {sku: shop.claims(sku) for sku in shop.items}
    picks = []
    for line, units in takes:
        if not line.managed:
            continue
        waits, bound = waits_for_units(shop, line), min(units, line.allocated)
        if waits and source is not None:
            _require_shippable(shop, line.sku, line.pool, source)
        left = units if waits else bound
        for at in shop.pools[line.pool]:
            if source not in (None, at):
                continue
            fit = may_leave(at, line.pool, claims[line.sku], there[line.sku], shop.pools)
            part = min(left, fit)
            if part > 0:
                there[line.sku][at] -= part
                claims[line.sku][line.pool] -= part
                left -= part
                picks.append((line, at, part))
        if left and waits:
            raise Refused("not_enough_on_hand")
        claims[line.sku][line.pool] -= left
    return picks


def _require_shippable(shop: PlainShop, sku: str, pool: str, source: str) -> None:
    shop.require(source=source)
    if source not in shop.pools[pool]:
        raise Refused("not_assigned_to_pool")
    if source in shop.disabled or source in shop.items[sku].out_of_stock:
        raise Refused("no_source_in_stock")


def take_back(shop: PlainShop, line: Line, units: Decimal, source: str | None) -> None:
    """Put units where somebody says, else where the last ones had left, and never more than did."""
    if source is not None:
        line.came_back[source] = line.came_back.get(source, ZERO) + units
        _put(shop, line.sku, source, units)
        return
    gone = dict(line.came_back)
    for at, left in reversed(line.left):
        already = min(left, gone.get(at, ZERO))
        gone[at] = gone.get(at, ZERO) - already
        part = min(left - already, units)
        units -= part
        line.came_back[at] = line.came_back.get(at, ZERO) + part
        if at is not None and part:
            _put(shop, line.sku, at, part)


def _put(shop: PlainShop, sku: str, source: str, units: Decimal) -> None:
    on_hand = shop.items[sku].on_hand
    on_hand[source] = on_hand.get(source, ZERO) + units
