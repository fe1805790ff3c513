"""A plain random workload: what a shop's day sends, a little of everything, from a seed."""

from random import Random
from typing import Any, NamedTuple

from stocktrail.commands import COMMANDS
from stocktrail.commands.scripts.reading import Row, row_of
from tests.commands.random_commands import OPENING, POOLS, SKUS, SOURCES

Wish = dict[str, Any]
"""A command as the row of a script, without its id."""

_QUANTITIES = ("1", "2", "3", "5", "8", "0.5", "2.25")
_FEW = ("1", "2", "0.5")
_DAYS = ("2026-02-20", "2026-03-01", "2026-03-09")


class Numbered(NamedTuple):
    """A command with the id that it is sent with, however often."""

    id: str
    wish: Wish


Unit = tuple[Numbered, ...]
"""What is recorded together or not at all."""


def rows_of_units(units: list[Unit]) -> list[Row]:
    """Return the rows of a script that holds units; those of more than one command are groups."""
    rows: list[Row] = []
    for unit in units:
        group = {"group": unit[0].id} if len(unit) > 1 else {}
        for each in unit:
            fields = {name: value for name, value in each.wish.items() if name != "command"}
            command = COMMANDS[each.wish["command"]].model_validate({**fields, **group})
            rows.append(row_of(command, len(rows) + 1, each.id))
    return rows


def opening_units() -> list[Unit]:
    """Return what every episode begins with."""
    return [(Numbered(f"opening-{at}", wish),) for at, wish in enumerate(OPENING)]


class ShopWork:
    """Invents the commands of one writer; ids and names are its own, items and pools are shared."""

    def __init__(self, seed: str, writer: str) -> None:
        self._random = Random(seed)
        self._writer = writer
        self._count = self._orders = self._others = 0

    def units(self, at_most: int) -> list[Unit]:
        """Invent a few units, some of them groups."""
        found: list[Unit] = []
        for _ in range(self._random.randint(1, at_most)):
            size = self._random.choice((1, 1, 1, 1, 2, 3))
            found.append(tuple(self._numbered() for _ in range(size)))
        return found

    def other_use_of(self, unit: Unit) -> Unit:
        """Use the id of a command for another one, which must be refused."""
        return (Numbered(unit[0].id, {
            "command": "receive-stock", "sku": "WHOLE", "quantity": self._random.randint(1000, 9999)
        }),)

    def _numbered(self) -> Numbered:
        self._count += 1
        return Numbered(f"{self._writer}-{self._count}", self._wish())

    def _wish(self) -> Wish:
        chosen = self._random.choices(_WISHES, _WEIGHTS)[0]
        wish: Wish = chosen(self)
        return wish

    # ------------------------------------------------------------------ what is wished for

    def _one(self, of: Any) -> Any:
        return self._random.choice(of)

    def _order(self) -> str:
        if self._orders and self._random.random() < 0.6:
            return f"{self._writer}-O{self._random.randint(max(1, self._orders - 8), self._orders)}"
        return str(self._one(("O1", "O2", "O3", "O9")))

    def _lines(self) -> list[Wish]:
        return [{"line": line, "quantity": self._one(_FEW)} for line in self._one(((1,), (1, 2)))]

    def _place(self) -> Wish:
        self._orders += 1
        lines = [
            {"sku": self._one(SKUS), "quantity": self._one(("1", "2", "3", "4", "6")),
             "requested_date": self._one(_DAYS)}
            for _ in range(self._random.randint(1, 2))
        ]
        return {
            "command": "place-order", "order": f"{self._writer}-O{self._orders}",
            "customer": "Ada", "lines": lines, "pool": self._one((*POOLS, *POOLS, "nobody")),
            "priority": self._one((1, 5)),
        }

    def _place_again(self) -> Wish:
        return {"command": "place-order", "order": "SHARED", "customer": "Ada",
                "lines": [{"sku": "WHOLE", "quantity": self._one(("1", "2"))}]}

    def _ship(self) -> Wish:
        self._others += 1
        lines = {"lines": self._lines()} if self._random.random() < 0.4 else {}
        return {"command": "ship-order", "order": self._order(),
                "shipment": f"{self._writer}-S{self._others}", **lines}

    def _cancel(self) -> Wish:
        lines = {"lines": self._lines()} if self._random.random() < 0.6 else {}
        return {"command": "cancel-order", "order": self._order(), **lines}

    def _refund(self) -> Wish:
        self._others += 1
        return {"command": "refund-order", "order": self._order(),
                "refund": f"{self._writer}-R{self._others}", "lines": [
                    {"line": 1, "quantity": self._one(_FEW),
                     "outcome": self._one(("return", "release", "write_off"))}]}

    def _reschedule(self) -> Wish:
        return {"command": "reschedule-order", "order": self._order(), "reason": "because",
                "lines": [{"line": 1, "requested_date": self._one(_DAYS)}]}

    def _receive(self) -> Wish:
        return {"command": "receive-stock", "sku": self._one((*SKUS * 8, "NOBODY")),
                "quantity": self._one(_QUANTITIES), "source": self._one(SOURCES)}

    def _adjust(self) -> Wish:
        return {"command": "adjust-stock", "sku": self._one(SKUS), "reason": "because",
                "delta": self._one(("-1", "-2", "-0.5", "3", "-8", "0")),
                "source": self._one(SOURCES)}

    def _count_units(self) -> Wish:
        return {"command": "count-stock", "sku": self._one(SKUS), "source": self._one(SOURCES),
                "counted": self._one((*_QUANTITIES, "0"))}

    def _transfer(self) -> Wish:
        return {"command": "transfer-stock", "sku": self._one(SKUS), "quantity": self._one(_FEW),
                "from_source": self._one(SOURCES), "to_source": self._one(SOURCES)}

    def _switch(self) -> Wish:
        return {"command": self._one(("enable-source", "enable-source", "disable-source")),
                "source": self._one(("default", "east"))}

    def _allow(self) -> Wish:
        return {"command": "set-backorder-policy", "sku": self._one(SKUS),
                "backorders": self._one(("no", "allow", "allow", "allow_and_notify", "inherit"))}

    def _limit(self) -> Wish:
        return {"command": "change-threshold", "sku": self._one(SKUS),
                "threshold": self._one(("out_of_stock", "only_x_left", "notify_below")),
                "value": self._one(("0", "2", "-3", "-10", "inherit"))}

    def _buy(self) -> Wish:
        self._others += 1
        return {"command": "place-purchase-order", "vendor": "Acme",
                "purchase_order": f"{self._writer}-P{self._others % 5}", "lines": [
                    {"sku": self._one(SKUS), "quantity": self._one(_QUANTITIES),
                     "expected_date": self._one(_DAYS)}]}

    def _take_delivery(self) -> Wish:
        self._others += 1
        return {"command": "receive-goods", "receipt": f"{self._writer}-G{self._others}",
                "purchase_order": self._one(("P1", *(f"{self._writer}-P{n}" for n in range(5))))}


_WISHES_AND_WEIGHTS = {
    ShopWork._place: 30, ShopWork._place_again: 1, ShopWork._ship: 16, ShopWork._cancel: 6,
    ShopWork._refund: 5, ShopWork._reschedule: 3, ShopWork._receive: 16, ShopWork._adjust: 4,
    ShopWork._count_units: 2, ShopWork._transfer: 3, ShopWork._switch: 2, ShopWork._allow: 2,
    ShopWork._limit: 2, ShopWork._buy: 4, ShopWork._take_delivery: 4,
}
_WISHES = list(_WISHES_AND_WEIGHTS)
_WEIGHTS = list(_WISHES_AND_WEIGHTS.values())
