"""The items that the grid finds as of an earlier position, by sets of all items."""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any

from stocktrail.projections.answers.item_grid.grid_page import FACETS, TOTALS, GridPage
from stocktrail.projections.as_of.all_items import AllItems


class ItemsThen:
    """The items that are wanted of the grid, as of the position of all items."""

    def __init__(self, items: AllItems, wanted: GridPage) -> None:
        self._items, self._wanted = items, wanted
        condition, parameters = wanted.search_condition
        self._names = items.names(f"WHERE {condition}" if condition else "", **parameters)

    @cached_property
    def _available(self) -> dict[str, int]:
        return self._items.available(self._wanted.pool)

    @cached_property
    def _facets(self) -> Mapping[str, Collection[str]]:
        items, pool = self._items, self._wanted.pool
        available = self._available
        return {
            "backordered": items.waiting(pool), "uncovered": items.uncovered(pool),
            "low_stock": items.low(pool), "incoming": items.incoming(self._wanted.sources),
            "none_available": {sku for sku in self._names if available.get(sku, 0) <= 0},
        }

    def _found(self, *more: str) -> list[str]:
        facets = [self._facets[name] for name in {*self._wanted.facets, *more}]
        if not facets:
            return list(self._names)
        first, *others = sorted(facets, key=len)
        return [
            sku for sku in first if sku in self._names and all(sku in each for each in others)
        ]

    def counts(self) -> tuple[int, dict[str, int]]:
        """Count the items of all pages, and those that meet each facet too."""
        return len(self._found()), {name: len(self._found(name)) for name in FACETS}

    def sums(self) -> dict[str, int]:
        """Add up what somebody had ordered of the items of all pages."""
        found, pool = self._found(), self._wanted.pool
        units = {
            "allocated": self._items.allocated(pool), "demand": self._items.demand(pool),
            "backordered": self._items.backordered(pool),
        }
        return {name: sum(units[name].get(sku, 0) for sku in found) for name in TOTALS}

    def page(self) -> tuple[list[str], str | None]:
        """Return the items of the page, and the cursor of the next one."""
        wanted, value_of = self._wanted, self._value_of()
        placed = sorted((sku, value_of(sku)) for sku in self._found())
        placed.sort(key=lambda each: each[1], reverse=wanted.descending)
        last = wanted.last()
        if last is not None:
            placed = [each for each in placed if self._is_after(each[1], each[0], *last)]
        page = placed[: wanted.limit]
        goes_on = len(placed) > len(page)
        following = wanted.next_cursor(page[-1][1], page[-1][0]) if goes_on and page else None
        return [sku for sku, _ in page], following

    def _is_after(self, value: Any, sku: str, last: Any, last_sku: str) -> bool:
        if value == last:
            return sku > last_sku
        return bool(value < last) if self._wanted.descending else bool(value > last)

    def _value_of(self) -> Callable[[str], Any]:
        items, pool = self._items, self._wanted.pool
        match self._wanted.column:
            case "sku":
                return str
            case "name":
                return lambda sku: self._names[sku] or ""
            case "on_hand":
                values = items.on_hand(self._wanted.sources)
            case "allocated":
                values = items.allocated(pool)
            case "demand":
                values = items.demand(pool)
            case "backordered":
                values = items.backordered(pool)
            case _:
                values = self._available
        return lambda sku: values.get(sku, 0)
