"""The workload: seeded commands about few things, so that they run into each other all the time.

Quantities, dates and business ids are drawn from short lists: orders are placed again under ids
that are known, refused, cancelled while they wait, and shipped by two writers at once.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

Row = dict[str, Any]
T = TypeVar("T")

SKUS = ("WHOLE", "HALVES", "THIRD")
SOURCES = ("default", "east", "west")
POOLS = ("default", "shop", "web")
WHOLE = ("1", "2", "3", "5", "8", "13", "1", "2", "4", "1")
FRACTIONS = ("0.5", "2.25", "1", "3.5")
DAYS = ("2026-02-20", "2026-03-01", "2026-03-09", "2026-04-01")
RECENT = 12
"""How many of the last orders and purchase orders commands are about."""

OPENING: tuple[Row, ...] = (
    {"command": "register-product", "sku": "WHOLE"},
    {"command": "register-product", "sku": "HALVES", "decimal": True},
    {"command": "register-product", "sku": "THIRD"},
    {"command": "register-source", "source": "east"},
    {"command": "register-source", "source": "west"},
    {"command": "define-pool", "pool": "shop", "sources": ["east", "default"]},
    {"command": "define-pool", "pool": "web", "sources": ["west", "east"]},
    {"command": "set-backorder-policy", "backorders": "allow"},
    {"command": "set-backorder-policy", "backorders": "allow_and_notify", "sku": "HALVES"},
    {"command": "receive-stock", "sku": "WHOLE", "source": "default", "quantity": "60"},
    {"command": "receive-stock", "sku": "WHOLE", "source": "east", "quantity": "50"},
    {"command": "receive-stock", "sku": "WHOLE", "source": "west", "quantity": "4"},
    {"command": "receive-stock", "sku": "HALVES", "source": "east", "quantity": "4.5"},
    {"command": "receive-stock", "sku": "THIRD", "source": "default", "quantity": "30"},
)
"""What every shop begins with: three items, and three pools that share sources."""


class Workload:
    """Draws the scripts of one episode.

    ``rows`` holds every row by its id, as it was drawn: what the log holds is compared with it.
    ``invalid`` are the ids of rows that are no commands. ``units`` tells of every id which ids are
    recorded together with it, in their order.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._orders: list[str] = ["O0"]
        self._purchases: list[str] = ["P0"]
        self._accepted: dict[str, list[str]] = {"order": ["O0"], "purchase_order": ["P0"]}
        self._number = 0
        self.rows: dict[str, Row] = {}
        self.units: dict[str, list[str]] = {}
        self.invalid: set[str] = set()
        weights = {draw: random.choice((0.2, 1, 1, 2)) * weight for draw, weight in _MIX.items()}
        self._kinds = list(weights)
        self._weights = list(weights.values())

    def opening(self) -> list[Row]:
        """Return what the shop begins with."""
        return [self.named(dict(row)) for row in OPENING]

    def unit(self) -> list[Row]:
        """Draw one command, or a few that are recorded together or not at all."""
        if self._random.random() > 0.12:
            return [self.named(self._command())]
        rows = [
            self._command() if self._random.random() < 0.4 else self.place_order()
            for _ in range(self._random.choice((2, 2, 3, 6)))
        ]
        group = f"G{self._number}"
        return self.join([self.named({**row, "group": group}) for row in rows])

    def changed(self, row: Row) -> Row | None:
        """Return another command under the id of one, unless others are recorded with it.

        Its refusal for an order that nobody knows would not be kept: only a look-up can tell that
        the id is known.
        """
        if len(self.units[row["id"]]) > 1:
            return None
        if "quantity" in row and self._random.random() < 0.5:
            return {**row, "quantity": "77"}
        return {"command": "cancel-order", "order": "NOBODY", "id": row["id"]}

    def join(self, rows: list[Row]) -> list[Row]:
        """Take note that rows are recorded together or not at all, and return them."""
        together = [row["id"] for row in rows]
        self.units.update(dict.fromkeys(together, together))
        return rows

    def learn(self, row: Row) -> None:
        """Take note that a command was accepted, so that others are about what it began."""
        for kind in ("order", "purchase_order"):
            if row["command"] == f"place-{kind.replace('_', '-')}":
                self._accepted[kind].append(row[kind])

    def named(self, row: Row) -> Row:
        """Return a row with an id, and take note of it."""
        self._number += 1
        name = f"C{self._number}"
        if self._random.random() < 0.02:
            name += "é"                    # its other spelling is the same id
        row["id"] = name
        if self._random.random() < 0.1:
            row["actor"] = self._random.choice(("ada", "bob"))
        if self._random.random() < 0.1:
            row["correlation_id"] = f"K{self._number % 7}"
        if "colour" in row:
            self.invalid.add(name)
        self.rows[name] = row
        self.units[name] = [name]
        return row

    def _command(self) -> Row:
        [draw] = self._random.choices(self._kinds, self._weights)
        row = draw(self)
        if self._random.random() < 0.01:
            row["colour"] = "blue"         # a field that nobody knows: the row is invalid
        return row

    # ------------------------------------------------------------------ what is drawn from

    def pick(self, among: Sequence[T]) -> T:
        """Draw one of several."""
        return self._random.choice(among)

    def fields(self, share: float = 0.5, **drawn: Callable[[], Any]) -> Row:
        """Draw fields that a command need not have, each with a share of chance."""
        return {
            name: draw() for name, draw in drawn.items() if self._random.random() < share
        }

    def sku(self) -> str:
        """Draw an item, rarely one that nobody knows."""
        return "NOBODY" if self._random.random() < 0.01 else self.pick((*SKUS, "WHOLE", "WHOLE"))

    def source(self) -> str:
        """Draw a source, rarely one that nobody knows."""
        return "nowhere" if self._random.random() < 0.01 else self.pick(SOURCES)

    def pool(self) -> str:
        """Draw a pool, rarely one that nobody knows."""
        return "nobody" if self._random.random() < 0.01 else self.pick(POOLS)

    def quantity(self, sku: str) -> str:
        """Draw a quantity of an item, rarely a fraction of one that comes in whole units."""
        fractions = sku == "HALVES" or self._random.random() < 0.02
        return self.pick(FRACTIONS if fractions else WHOLE)

    def some(self, **fields: Any) -> Row:
        """Draw an item and a quantity of it."""
        sku = self.sku()
        return {"sku": sku, "quantity": self.quantity(sku), **fields}

    def day(self) -> str:
        """Draw a day."""
        return self.pick(DAYS)

    def order(self) -> str:
        """Draw one of the last orders."""
        return self._one_of("order", self._orders)

    def purchase_order(self) -> str:
        """Draw one of the last purchase orders."""
        return self._one_of("purchase_order", self._purchases)

    def _one_of(self, kind: str, drawn: list[str]) -> str:
        among = drawn if self._random.random() < 0.1 else self._accepted[kind]
        return self.pick(among[-RECENT:])

    def some_lines(self) -> list[Row]:
        """Draw parts of an order."""
        numbers = self._random.sample((1, 2, 3), self.pick((1, 1, 2)))
        return [
            {"line": number, **self.fields(0.7, quantity=lambda: self.pick(("1", "2", "3")))}
            for number in numbers
        ]

    # ------------------------------------------------------------------ what can happen

    def place_order(self) -> Row:
        """Draw an order, rarely one that is known."""
        if self._random.random() < 0.95:
            self._orders.append(f"O{len(self._orders)}")
        lines = [
            self.some(**self.fields(0.3, unit_price=lambda: "9.80", requested_date=self.day))
            for _ in range(self.pick((1, 1, 2, 3)))
        ]
        return {
            "command": "place-order", "order": self._orders[-1], "customer": "Ada", "lines": lines,
            **self.fields(
                0.4, pool=lambda: self.pick(POOLS[1:]), priority=lambda: self.pick((1, 9))
            ),
            **self.fields(0.1, ship_policy=lambda: "complete"),
        }

    def place_purchase_order(self) -> Row:
        """Draw a purchase order, rarely one that is known."""
        if self._random.random() < 0.95:
            self._purchases.append(f"P{len(self._purchases)}")
        lines = [
            self.some(**self.fields(expected_date=self.day)) for _ in range(self.pick((1, 2)))
        ]
        return {
            "command": "place-purchase-order", "purchase_order": self._purchases[-1],
            "vendor": self.pick(("Acme", "Bolt")), "lines": lines,
            **self.fields(0.3, source=lambda: self.pick(SOURCES[1:])),
        }

    def about_a_purchase(self) -> Row:
        """Draw what becomes of a purchase order."""
        purchase: Row = {"purchase_order": self.purchase_order()}
        kind = self.pick(("confirm", "delay", "receive", "receive", "receive", "cancel"))
        if kind == "confirm":
            return {"command": "confirm-purchase-order", **purchase,
                    **self.fields(expected_date=self.day)}
        if kind == "delay":
            return {"command": "delay-purchase-order", **purchase, "expected_date": self.day()}
        if kind == "cancel":
            return {"command": "cancel-purchase-order", **purchase,
                    **self.fields(lines=self.some_lines)}
        return {
            "command": "receive-goods", **purchase, "receipt": self.pick(("R1", "R2", "R3", "R4")),
            **self.fields(0.4, lines=self.some_lines, source=self.source),
        }

    def about_an_order(self) -> Row:
        """Draw what becomes of an order."""
        order: Row = {"order": self.order()}
        kind = self.pick((
            "ship", "ship", "ship", "cancel", "refund", "refund", "prioritise", "reschedule",
        ))
        if kind == "ship":
            return {"command": "ship-order", **order, "shipment": self.pick(("S1", "S2", "S3")),
                    **self.fields(0.3, lines=self.some_lines, source=self.source)}
        if kind == "cancel":
            return {"command": "cancel-order", **order, **self.fields(lines=self.some_lines)}
        if kind == "prioritise":
            return {"command": "prioritise-order", **order, "priority": self.pick((1, 5, 9)),
                    "reason": "asked"}
        if kind == "reschedule":
            return {"command": "reschedule-order", **order, "reason": "asked",
                    "lines": [{"line": 1, "requested_date": self.day()}]}
        outcome = self.pick(("return", "return", "release", "write_off"))
        part = {"line": self.pick((1, 2)), "quantity": self.pick(("1", "2")), "outcome": outcome}
        if outcome == "return":
            part |= self.fields(0.5, source=self.source)
        return {"command": "refund-order", **order, "refund": self.pick(("F1", "F2")),
                "lines": [part]}

    def about_backorders(self) -> Row:
        """Draw a change of who gets what."""
        giving, taking = self.order(), self.order()
        if giving != taking and self._random.random() < 0.7:
            return {"command": "move-allocation", "sku": self.sku(), "from_order": giving,
                    "to_order": taking, "quantity": self.pick(("1", "2")), "reason": "asked",
                    **self.fields(0.3, pool=self.pool)}
        return {"command": "allocate-backorders", "sku": self.sku(), **self.fields(pool=self.pool),
                "strategy": self.pick(("win", "gain", "redistribute", "fill", "lose"))}

    def move_stock(self) -> Row:
        """Draw units that come, go or are counted."""
        kind = self.pick(("receive", "receive", "receive", "count", "adjust", "transfer", "status"))
        if kind == "receive":
            return {"command": "receive-stock", **self.some(**self.fields(source=self.source))}
        if kind == "transfer":
            return {"command": "transfer-stock", **self.some(), "from_source": self.source(),
                    "to_source": self.source()}
        item: Row = {"sku": self.sku()}
        if kind == "count":
            return {"command": "count-stock", **item, "counted": self.pick((*WHOLE, "0")),
                    **self.fields(source=self.source)}
        if kind == "adjust":
            return {"command": "adjust-stock", **item, "reason": "broken",
                    "delta": self.pick(("-1", "-2", "3", "-8", "-0.5")),
                    **self.fields(source=self.source)}
        return {"command": "set-stock-status", **item, **self.fields(source=self.source),
                "status": self.pick(("in_stock", "in_stock", "out_of_stock"))}

    def change_a_rule(self) -> Row:
        """Draw a setting, or where units may be sold."""
        kind = self.pick(("policy", "threshold", "rules", "switch", "pool", "promise", "manage"))
        if kind == "policy":
            return {"command": "set-backorder-policy", **self.fields(sku=self.sku, pool=self.pool),
                    "backorders": self.pick(("no", "allow", "allow_and_notify", "inherit"))}
        if kind == "threshold":
            return {"command": "change-threshold", **self.fields(sku=self.sku, pool=self.pool),
                    "threshold": self.pick(("out_of_stock", "only_x_left", "notify_below")),
                    "value": self.pick(("0", "2", "-3", "-10", "inherit"))}
        if kind == "rules":
            return {"command": "set-quantity-rules", "sku": self.sku(),
                    "min_sale": self.pick(("off", "inherit", "0.5", "2"))}
        if kind == "switch":
            return {"command": self.pick(("enable-source", "enable-source", "disable-source")),
                    "source": self.source()}
        if kind == "promise":
            return {"command": "set-promise-rules", "overdue_offset_days": self.pick((0, 2))}
        if kind == "manage":
            return {"command": "set-manage-stock", "manage": self.pick(("on", "on", "inherit")),
                    **self.fields(sku=self.sku)}
        count = self.pick((1, 2, 3))
        return {"command": "define-pool", "pool": self.pick(POOLS),
                "sources": self._random.sample(SOURCES, count)}


_MIX: Mapping[Callable[[Workload], Row], float] = {
    Workload.place_order: 40, Workload.place_purchase_order: 6, Workload.about_a_purchase: 12,
    Workload.about_an_order: 22, Workload.about_backorders: 5, Workload.move_stock: 18,
    Workload.change_a_rule: 3,
}
"""How often each kind is drawn; an episode makes some of them rarer or more frequent."""
