"""Lines of orders, and units of them: as they are asked for, and as they are taken off."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

LineKey = tuple[str, int]
"""An order, and the number of one of its lines."""

AskedUnits = tuple[int, int | None]
"""The number of a line and the units wanted of it; ``None`` stands for all that can be had."""


class OrderLines(NamedTuple):
    """Lines of one order, by their numbers."""

    order: str
    numbers: Collection[int]


class LineUnits(NamedTuple):
    """Units that are taken off one line; ``managed`` says how the line was accepted."""

    line: int
    sku: str
    quantity: int
    managed: bool


def managed_by_item(units: Iterable[LineUnits]) -> dict[str, list[LineUnits]]:
    """Group units by item, without those of lines that were accepted unmanaged.

    >>> managed_by_item([LineUnits(1, "A", 5, managed=True), LineUnits(2, "B", 5, managed=False)])
    {'A': [LineUnits(line=1, sku='A', quantity=5, managed=True)]}
    """
    grouped: dict[str, list[LineUnits]] = {}
    for each in units:
        if each.managed:
            grouped.setdefault(each.sku, []).append(each)
    return grouped


def each_line_once(units: Iterable[LineUnits]) -> list[LineUnits]:
    """Add up what is taken off the same line, so that it is judged on the sum.

    >>> part = LineUnits(1, "A", 5, managed=True)
    >>> each_line_once([part, part])
    [LineUnits(line=1, sku='A', quantity=10, managed=True)]
    """
    merged: dict[int, LineUnits] = {}
    for each in units:
        before = merged.get(each.line)
        quantity = each.quantity + (before.quantity if before else 0)
        merged[each.line] = each._replace(quantity=quantity)
    return list(merged.values())
