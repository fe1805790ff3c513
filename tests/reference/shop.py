"""A shop in plain dictionaries: sections 2 to 4 of the rules, without events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tests.reference.settings import Levels, Standing, Verdict, failures, verdict
from tests.reference.sharing import fits, free

ZERO = Decimal(0)


class Refused(Exception):
    """What the rules do not allow, with every code that says why."""

    def __init__(self, *codes: str) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class Known(Exception):
    """A business id that is known with the same content: nothing happens."""


@dataclass
class Line:
    """A line of an order, as the shop's clerk would write it on a card."""

    order: str
    number: int
    sku: str
    pool: str
    ordered: Decimal
    price: Decimal | None
    priority: int
    requested: date
    placed: int
    managed: bool
    allocated: Decimal = ZERO
    shipped: Decimal = ZERO
    cancelled: Decimal = ZERO
    released: Decimal = ZERO
    given_back: Decimal = ZERO
    left: list[tuple[str | None, Decimal]] = field(default_factory=list)
    came_back: dict[str | None, Decimal] = field(default_factory=dict)

    @property
    def remaining(self) -> Decimal:
        """Units still to be shipped."""
        return self.ordered - self.shipped - self.cancelled - self.released

    @property
    def backordered(self) -> Decimal:
        """Units the line waits for."""
        return self.remaining - self.allocated if self.managed else ZERO

    @property
    def place(self) -> tuple[int, date, int, int]:
        """Where the line stands in the queue."""
        return self.priority, self.requested, self.placed, self.number


@dataclass
class Item:
    """An item, with what lies where."""

    decimal: bool = False
    on_hand: dict[str, Decimal] = field(default_factory=dict)
    out_of_stock: set[str] = field(default_factory=set)


@dataclass
class OrderCard:
    """An order, with its lines by number and what is known of its business ids."""

    content: Any
    pool: str
    ship_policy: str
    lines: dict[int, Line]
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Processing until nothing remains; then complete if anything shipped, else cancelled."""
        if any(line.remaining for line in self.lines.values()):
            return "processing"
        return "complete" if any(line.shipped for line in self.lines.values()) else "cancelled"


class PlainShop:
    """Everything there is. :mod:`tests.reference.counter` says what commands do to it."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.sources: set[str] = {"default"}
        self.disabled: set[str] = set()
        self.pools: dict[str, list[str]] = {"default": ["default"]}
        self.levels = Levels()
        self.orders: dict[str, OrderCard] = {}
        self.cards_of: dict[str, list[Line]] = {}
        self.placed = 0

    def take_order(self, order: str, card: OrderCard) -> None:
        """Put an order beside the others, and its managed lines with their items."""
        self.orders[order] = card
        for line in card.lines.values():
            if line.managed:
                self.cards_of.setdefault(line.sku, []).append(line)

    # ------------------------------------------------------------------ questions

    def item(self, sku: str) -> Item:
        """Return an item that must be known."""
        if sku not in self.items:
            raise Refused("unknown_sku")
        return self.items[sku]

    def require(self, *, source: str | None = None, pool: str | None = None) -> None:
        """Refuse a source or a pool that nobody knows."""
        if source is not None and source not in self.sources:
            raise Refused("unknown_source")
        if pool is not None and pool not in self.pools:
            raise Refused("unknown_pool")

    def open_lines(self, sku: str) -> list[Line]:
        """Return the managed lines of an item that want units, in the order of the queue."""
        return sorted(self._wanting(sku), key=lambda line: line.place)

    def _wanting(self, sku: str) -> list[Line]:
        """Return the managed lines of an item that want units; what is done comes never back."""
        lines = self.cards_of.get(sku, [])
        lines[:] = [line for line in lines if line.remaining]
        return lines

    def sellable(self, sku: str) -> dict[str, Decimal]:
        """Count the units of an item that may be sold, by source."""
        item = self.items[sku]
        return {
            source: units for source, units in item.on_hand.items()
            if source not in self.disabled and source not in item.out_of_stock
        }

    def claims(self, sku: str) -> dict[str, Decimal]:
        """Add up what is allocated of an item, by pool."""
        claims: dict[str, Decimal] = {}
        for line in self._wanting(sku):
            claims[line.pool] = claims.get(line.pool, ZERO) + line.allocated
        return claims

    def free(self, sku: str, pool: str) -> Decimal:
        """Count what may still be allocated of an item in a pool."""
        return free(pool, self.claims(sku), self.sellable(sku), self.pools)

    def feasible(self, sku: str) -> bool:
        """Return whether everything that is allocated of an item is really there."""
        return fits(self.claims(sku), self.sellable(sku), self.pools)

    def standing(self, sku: str, pool: str) -> Standing:
        """Return how an item stands in a pool."""
        lines = [line for line in self.open_lines(sku) if line.pool == pool]
        allocated = sum((line.allocated for line in lines), ZERO)
        sources = self.pools[pool]
        return Standing(
            assigned=any(source in self.items[sku].on_hand for source in sources),
            sellable=any(source in self.sellable(sku) for source in sources),
            supply=allocated + self.free(sku, pool),
            demand=sum((line.remaining for line in lines), ZERO),
            allocated=allocated,
            carried=bool(self.items[sku].on_hand),
        )

    def verdict(self, sku: str, pool: str) -> Verdict:
        """Return what may still be sold of an item in a pool."""
        return verdict(self.levels, sku, pool, self.standing(sku, pool))

    def failures(self, sku: str, pool: str, parts: list[Decimal]) -> list[str]:
        """List the codes that a request for an item fails with."""
        item = self.items.get(sku)
        if item is None:
            return ["unknown_sku"]
        standing = self.standing(sku, pool)
        return failures(self.levels, sku, pool, standing, parts, item.decimal)

    # ------------------------------------------------------------------ the queue

    def settle(self, sku: str) -> None:
        """Take back what is no longer there, last in the queue first, then serve the queue."""
        lines = self.open_lines(sku)
        before = [(line, line.allocated) for line in lines]
        for line in lines:
            line.allocated = ZERO
        self._give((line, units) for line, units in before)
        self.serve(sku)

    def serve(self, sku: str) -> None:
        """Return free units to the waiting lines, in order, as far as their pools reach them."""
        self._give((line, line.backordered) for line in self.open_lines(sku))

    def _give(self, wanted: Iterable[tuple[Line, Decimal]]) -> None:
        """Give lines of one item what they want, in order, as far as it is there."""
        claims: dict[str, Decimal] | None = None
        for line, units in wanted:
            if not units:
                continue
            if claims is None:
                claims, there = self.claims(line.sku), self.sellable(line.sku)
            given = min(units, free(line.pool, claims, there, self.pools))
            line.allocated += given
            claims[line.pool] = claims.get(line.pool, ZERO) + given
