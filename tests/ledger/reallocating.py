"""Words for scenes about goods that arrive, and about distributing units anew."""

from collections.abc import Mapping

from stocktrail.ledger.line_units import LineKey
from stocktrail.ledger.reallocation import Strategy
from stocktrail.ledger.stock import movements, reallocations
from stocktrail.ledger.stock.events import BackordersReallocated, GoodsReceived, LineReallocated
from tests.ledger.facts import Number, units
from tests.scenes import SKU, Decision


def goods_received(
    quantity: Number, *, over: Number = 0, line: int = 1, source: str = "default"
) -> GoodsReceived:
    return GoodsReceived(
        sku=SKU, source=source, quantity=units(quantity), over=units(over), purchase_order="PO-1",
        line=line, receipt="GR-1",
    )


def receive_goods(*goods: GoodsReceived, source: str = "default") -> Decision:
    return lambda scene: movements.receive_goods(
        scene.stock, scene.settings, source, goods, scene.at
    )


def reallocate(
    strategy: Strategy, named: Mapping[LineKey, Strategy] | None = None, pool: str | None = None
) -> Decision:
    """Distribute the item's units anew: all lines one way, some in another."""
    return lambda scene: reallocations.reallocate_lines(
        scene.stock, scene.settings, strategy, named or {}, pool
    )


def reallocated(
    *lines: tuple[str, Strategy, Number, Number], pools: Mapping[str, str] | None = None
) -> BackordersReallocated:
    """Say for first lines of orders by which strategy they had so many, and have so many now."""
    return BackordersReallocated(sku=SKU, lines=tuple(
        LineReallocated(
            order=order, line=1, pool=(pools or {}).get(order, "default"), strategy=strategy,
            before=units(before), after=units(after),
        )
        for order, strategy, before, after in lines
    ))
