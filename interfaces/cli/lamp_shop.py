"""A lamp shop that moves here: its files, as Shopify exports them and as buyers keep them.

Nothing in them is anybody's: names and numbers are drawn from the lists below, the same each time
and with every Python, of which only ``random()`` is promised to stay. Dates are counted from the
day on which they are written.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

Drawn = TypeVar("Drawn")

OPEN_ORDERS, CLOSED_ORDERS = 300, 60
OPEN_PURCHASE_ORDERS, CLOSED_PURCHASE_ORDERS = 100, 20

_KINDS = (
    ("Desk lamp", "DSK", 49), ("Floor lamp", "FLR", 129), ("Pendant", "PND", 89),
    ("Wall light", "WAL", 59), ("Bedside lamp", "BED", 39), ("Reading light", "RDG", 35),
    ("Shade", "SHD", 19), ("Bulb", "BLB", 6), ("Cable", "CBL", 9), ("Dimmer", "DIM", 24),
)
_MODELS = (
    "Alba", "Brook", "Calla", "Dune", "Ember", "Fjord", "Grove", "Heron", "Iris", "Juno",
    "Kite", "Linden", "Mira", "Nora", "Opal", "Pine", "Quill", "Rowan", "Sola", "Tide",
)
_COLOURS = ("Brass", "Black", "White", "Green", "Red")
_SIZES = ("S", "L")
_WAREHOUSE, _STORE = "Hamburg", "Altona store"
_VENDORS = ("Lumen GmbH", "Helios & Co.", "Nordlys A/S", "Candela Srl", "Leuchtwerk KG")
_FIRST_NAMES = ("Anna", "Ben", "Chloé", "Deniz", "Eva", "Finn", "Grażyna", "Hugo", "Inês", "Jan")
_LAST_NAMES = ("Adler", "Berg", "Costa", "Dubois", "Engel", "Ferrari", "Garcia", "Horák", "Ito")

_INVENTORY = (
    "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,"
    "Option3 Value,SKU,HS Code,COO,Location,Bin name,Incoming (not editable),"
    "Unavailable (not editable),Committed (not editable),Available (not editable),"
    "On hand (current),On hand (new)"
)
_ORDERS = (
    "Name,Email,Financial Status,Fulfillment Status,Currency,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem sku,Lineitem requires shipping,"
    "Lineitem fulfillment status,Billing Name,Cancelled at,Refunded Amount"
)
_PURCHASES = "PO number,Supplier,Order date,SKU,Qty ordered,Qty received,Expected delivery,Status"

Row = Sequence[str | int]


class ShopItem(NamedTuple):
    """A variant of a product, and what is on hand of it: in the warehouse, and in the store."""

    sku: str
    title: str
    colour: str
    size: str
    price: str
    on_hand: int
    in_store: int | None


class SoldLine(NamedTuple):
    """A line of an order: an item, and how many."""

    item: ShopItem
    quantity: int


class LampShop:
    """The shop: its items, its orders, oldest first, and how many units they were promised."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._random = Random("a lamp shop")
        self.items: list[ShopItem] = [
            self._item(*each) for each in product(_KINDS, _MODELS, _COLOURS, _SIZES)
        ]
        often = [self._one_of(self.items) for _ in range(150)]
        self.orders: list[list[SoldLine]] = [
            self._order(often) for _ in range(CLOSED_ORDERS + OPEN_ORDERS)
        ]
        self.promised: Counter[str] = Counter()
        for lines in self.orders[CLOSED_ORDERS:]:
            self.promised.update({line.item.sku: line.quantity for line in lines})

    def write(self, folder: Path) -> list[Path]:
        """Write the files into a folder and return them; raises an error where one is there."""
        files = {
            "inventory_export.csv": self._inventory(), "orders_export.csv": self._sales(),
            "purchase_orders.csv": self._purchases(),
        }
        for name, rows in files.items():
            with (folder / name).open("x", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
        return [folder / name for name in files]

    # ------------------------------------------------------------------ what is drawn

    def _below(self, end: int) -> int:
        return int(self._random.random() * end)

    def _one_of(self, choices: Sequence[Drawn]) -> Drawn:
        return choices[self._below(len(choices))]

    def _item(
        self, kind: tuple[str, str, int], model: str, colour: str, size: str
    ) -> ShopItem:
        """Draw what is on hand: of one item in six nothing is left; the store has every third."""
        name, code, price = kind
        return ShopItem(
            f"{code}-{model[:3].upper()}-{colour[:3].upper()}-{size}", f"{name} {model}", colour,
            size, f"{price + 10 * _SIZES.index(size)}.90",
            on_hand=self._below(60) + 1 if self._below(6) else 0,
            in_store=None if self._below(3) else self._below(5),
        )

    def _order(self, often: Sequence[ShopItem]) -> list[SoldLine]:
        """Draw one to three lines; few items are in most orders."""
        chosen = {
            self._one_of(often if self._below(10) < 7 else self.items)
            for _ in range(1 + self._below(3))
        }
        return [SoldLine(item, self._one_of((1, 1, 1, 2, 2, 4))) for item in sorted(chosen)]

    # ------------------------------------------------------------------ the rows

    def _inventory(self) -> Iterator[Row]:
        """Yield Shopify's export of inventory, all states, a row a location."""
        yield _INVENTORY.split(",")
        for item in self.items:
            handle = item.title.lower().replace(" ", "-")
            what = (
                handle, item.title, "Colour", item.colour, "Size", item.size, "", "", item.sku,
                "", "DE",
            )
            promised = self.promised[item.sku]
            yield (
                *what, _WAREHOUSE, "", 0, 0, promised, item.on_hand - promised, item.on_hand, "",
            )
            if item.in_store is None:
                yield (*what, _STORE, "", "", "", "", "not stocked", "not stocked", "")
            else:
                yield (*what, _STORE, "", 0, 0, 0, item.in_store, item.in_store, "")

    def _sales(self) -> Iterator[Row]:
        """Yield Shopify's export of orders, newest first; the first row has what is the order's."""
        yield _ORDERS.split(",")
        midnight = datetime.combine(self._today, datetime.min.time())
        for number in reversed(range(len(self.orders))):
            status = ("unfulfilled", "pending") if number >= CLOSED_ORDERS else ("fulfilled",) * 2
            placed = midnight - timedelta(minutes=70 * (len(self.orders) - number))
            customer = self._below(200)
            name = f"{_FIRST_NAMES[customer % 10]} {_LAST_NAMES[customer % 9]}"
            for place, (item, quantity) in enumerate(self.orders[number]):
                of_the_order = ("", "", "") if place else ("paid", status[0], "EUR")
                yield (
                    f"#{1001 + number}", f"customer{customer}@shop.example", *of_the_order,
                    f"{placed:%Y-%m-%d %H:%M:%S} +0100", quantity,
                    f"{item.title} - {item.colour} / {item.size}", item.price, item.sku, "true",
                    status[1], "" if place else name, "", "" if place else "0.00",
                )

    def _purchases(self) -> Iterator[Row]:
        """Yield a list of purchase orders as buyers keep it: most of what is short was ordered."""
        yield _PURCHASES.split(",")
        short = [item for item in self.items if self.promised[item.sku] > item.on_hand]
        ordered = [item for item in short if self._below(10)]
        for number in range(OPEN_PURCHASE_ORDERS + CLOSED_PURCHASE_ORDERS):
            is_open = number < OPEN_PURCHASE_ORDERS
            placed = self._today - timedelta(days=3 + self._below(38))
            lines = {ordered.pop() if ordered else self._one_of(self.items) for _ in range(3)}
            for item in sorted(lines):
                quantity = 10 * (2 + self._below(7))
                received = self._one_of((0, 0, 0, 10)) if is_open else quantity
                due = self._today + timedelta(days=2 + self._below(44))
                yield (
                    f"PO-{2001 + number}", _VENDORS[number % len(_VENDORS)], placed.isoformat(),
                    item.sku, quantity, received, due.isoformat() if is_open else "",
                    "closed" if not is_open else "partially received" if received else "open",
                )
