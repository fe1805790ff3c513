"""What each command does to the plain shop: its stock, its settings, its orders and queues."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.reference.desk import Row, content_of
from tests.reference.picking import picked, take_back, waits_for_units
from tests.reference.purchasing import BuyersDesk
from tests.reference.reallocation import distribute
from tests.reference.reception import Reception
from tests.reference.shop import ZERO, Item, Known, Line, OrderCard, Refused

SETTINGS = {
    "out_of_stock": "out_of_stock_threshold", "notify_below": "notify_below",
    "only_x_left": "only_x_left_threshold", "min_sale": "min_sale_quantity",
    "max_sale": "max_sale_quantity", "increment": "quantity_increment",
}


class Counter(BuyersDesk, Reception):
    """Takes commands as rows and carries them out on a shop, or refuses."""

    def take(self, row: Row) -> None:
        """Carry one command out. Raises :class:`Refused` or :class:`Known` and changes nothing."""
        getattr(self, row["command"].replace("-", "_"))(row)

    # ------------------------------------------------------------------ items and places

    def register_product(self, row: Row) -> None:
        item = self.shop.items.get(row["sku"], Item())
        decimal = row.get("decimal", item.decimal)
        wanted = [line.remaining for line in self.shop.open_lines(row["sku"])]
        if not decimal and any(units % 1 for units in [*item.on_hand.values(), *wanted]):
            raise Refused("decimal_not_allowed")
        self.shop.require(source=row.get("source"))
        item.decimal = decimal
        if "source" in row:
            item.on_hand.setdefault(row["source"], ZERO)
        self.shop.items[row["sku"]] = item

    def register_source(self, row: Row) -> None:
        self.shop.sources.add(row["source"])

    def enable_source(self, row: Row) -> None:
        self.shop.require(source=row["source"])
        self.shop.disabled.discard(row["source"])
        self._settle_everything()

    def disable_source(self, row: Row) -> None:
        self.shop.require(source=row["source"])
        self.shop.disabled.add(row["source"])
        self._settle_everything()

    def define_pool(self, row: Row) -> None:
        for source in row["sources"]:
            self.shop.require(source=source)
        self.shop.pools[row["pool"]] = row["sources"]
        self._settle_everything()

    def _settle_everything(self) -> None:
        for sku in self.shop.items:
            self.shop.settle(sku)

    # ------------------------------------------------------------------ settings

    def set_backorder_policy(self, row: Row) -> None:
        self._change(row, "backorders", row["backorders"])

    def set_manage_stock(self, row: Row) -> None:
        self._change(row, "manage_stock", row["manage"])

    def change_threshold(self, row: Row) -> None:
        self._change(row, SETTINGS[row["threshold"]], _number(row["value"]))

    def set_quantity_rules(self, row: Row) -> None:
        for rule in ("min_sale", "max_sale", "increment"):
            if rule in row:
                value = ZERO if row[rule] == "off" else _number(row[rule])
                self._change(row, SETTINGS[rule], value)

    def _change(self, row: Row, setting: str, value: Any) -> None:
        if "sku" in row:
            self.shop.item(row["sku"])
        self.shop.require(pool=row.get("pool"), source=row.get("source"))
        where = (row.get("sku"), row.get("pool"), row.get("source"))
        self.shop.levels.change(setting, where, value)

    # ------------------------------------------------------------------ units at a source

    def receive_stock(self, row: Row) -> None:
        self._move_units(row, {_source(row): Decimal(row["quantity"])})

    def adjust_stock(self, row: Row) -> None:
        if Decimal(row["delta"]) == 0:
            self.shop.item(row["sku"])
            self.shop.require(source=_source(row))
        else:
            self._move_units(row, {_source(row): Decimal(row["delta"])})

    def count_stock(self, row: Row) -> None:
        there = self.shop.item(row["sku"]).on_hand.get(_source(row), ZERO)
        self.shop.require(source=_source(row))
        counted = Decimal(row["counted"])
        self.require_whole(row["sku"], counted)
        self._move_units(row, {_source(row): counted - there})

    def transfer_stock(self, row: Row) -> None:
        self.shop.item(row["sku"])
        self.shop.require(source=row["from_source"])
        self.shop.require(source=row["to_source"])
        if row["from_source"] == row["to_source"]:
            raise Refused("same_source")
        units = Decimal(row["quantity"])
        self._move_units(row, {row["from_source"]: -units, row["to_source"]: units})

    def set_stock_status(self, row: Row) -> None:
        item = self.shop.item(row["sku"])
        self.shop.require(source=_source(row))
        if _source(row) not in item.on_hand:
            raise Refused("unknown_source_item")
        if row["status"] == "in_stock":
            item.out_of_stock.discard(_source(row))
        else:
            item.out_of_stock.add(_source(row))
        self.shop.settle(row["sku"])

    def _move_units(self, row: Row, deltas: dict[str, Decimal]) -> None:
        item = self.shop.item(row["sku"])
        for source, delta in deltas.items():
            self.shop.require(source=source)
            self.require_whole(row["sku"], delta)
            if item.on_hand.get(source, ZERO) + delta < 0:
                raise Refused("not_enough_on_hand")
        for source, delta in deltas.items():
            item.on_hand[source] = item.on_hand.get(source, ZERO) + delta
        self.shop.settle(row["sku"])

    # ------------------------------------------------------------------ orders

    def place_order(self, row: Row) -> None:
        pool = row.get("pool", "default")
        content = content_of(row)
        if row["order"] in self.shop.orders:
            if self.shop.orders[row["order"]].content != content:
                raise Refused("already_exists")
            raise Known
        self.shop.require(pool=pool)
        wanted: dict[str, list[Decimal]] = {}
        for line in row["lines"]:
            wanted.setdefault(line["sku"], []).append(Decimal(line["quantity"]))
        failed = [
            code for sku, parts in wanted.items() for code in self.shop.failures(sku, pool, parts)
        ]
        if failed:
            raise Refused(*failed)
        self.shop.placed += 1
        card = OrderCard(content, pool, row.get("ship_policy", "partial"), {})
        for number, line in enumerate(row["lines"], start=1):
            card.lines[number] = Line(
                row["order"], number, line["sku"], pool, Decimal(line["quantity"]),
                Decimal(line["unit_price"]) if "unit_price" in line else None,
                row.get("priority", 5),
                date.fromisoformat(line["requested_date"]) if "requested_date" in line
                else self.today,
                self.shop.placed,
                self.shop.levels.value("manage_stock", line["sku"], pool) == "on",
            )
        free = {sku: self.shop.free(sku, pool) for sku in wanted}
        self.shop.take_order(row["order"], card)
        for placed in sorted(card.lines.values(), key=lambda line: line.place):
            if placed.managed:
                placed.allocated = min(placed.ordered, free[placed.sku])
                free[placed.sku] -= placed.allocated

    def card(self, order: str) -> OrderCard:
        """Return an order that must be known."""
        if order not in self.shop.orders:
            raise Refused("unknown_order")
        return self.shop.orders[order]

    def cancel_order(self, row: Row) -> None:
        card = self.card(row["order"])
        if "lines" in row:
            takes = _takes(card, row["lines"])
        else:
            takes = [(line, line.remaining) for line in card.lines.values() if line.remaining]
            if not takes and card.status == "complete":
                raise Refused("not_enough_remaining")
        for line, units in takes:
            self.require_whole(line.sku, units)
        self._take_off(takes, "cancelled")

    def _take_off(self, takes: list[tuple[Line, Decimal]], what: str) -> None:
        for line, units in takes:
            waiting = min(line.backordered, units)
            setattr(line, what, getattr(line, what) + units)
            if line.managed:
                line.allocated -= units - waiting
        for sku in dict.fromkeys(line.sku for line, _ in takes):
            self.shop.serve(sku)

    def ship_order(self, row: Row) -> None:
        card = self.card(row["order"])
        self._once(card, f"shipment {row['shipment']}", row)
        self.shop.require(source=row.get("source"))
        ready = {
            number: line.allocated if waits_for_units(self.shop, line) else line.remaining
            for number, line in card.lines.items()
        }
        if not any(line.remaining for line in card.lines.values()) and "lines" not in row:
            raise Refused("not_enough_remaining")
        if "lines" in row:
            takes = _takes(card, row["lines"], ready)
        else:
            takes = [(card.lines[number], units) for number, units in ready.items() if units]
        waits = any(units > ready[line.number] for line, units in takes)
        whole = {line.number: units for line, units in takes} == {
            number: line.remaining for number, line in card.lines.items() if line.remaining
        }
        if card.ship_policy == "complete" and not whole and not waits:
            raise Refused("order_ships_complete")
        for line, units in takes:
            self.require_whole(line.sku, units)
        waiting = ["backordered_units_cannot_ship"] if waits or not takes else []
        try:
            picks = picked(self.shop, takes, row.get("source"))
        except Refused as refused:
            raise Refused(*waiting, *refused.codes) from None
        if waiting:
            raise Refused(*waiting)
        for line, units in takes:
            line.shipped += units
            if line.managed:
                line.allocated -= min(units, line.allocated)
                line.left.append((None, units - sum(
                    part for of, _, part in picks if of is line
                )))
        for line, source, units in picks:
            line.left.append((source, units))
            self.shop.items[line.sku].on_hand[source] -= units
        for sku in dict.fromkeys(line.sku for line, _ in takes):
            self.shop.serve(sku)
        card.known[f"shipment {row['shipment']}"] = content_of(row)

    def _once(self, card: OrderCard, what: str, row: Row) -> None:
        if what in card.known:
            if card.known[what] == content_of(row):
                raise Known
            raise Refused("already_exists")

    def refund_order(self, row: Row) -> None:
        card = self.card(row["order"])
        self._once(card, f"refund {row['refund']}", row)
        releases = [part for part in row["lines"] if part["outcome"] == "release"]
        returns = [part for part in row["lines"] if part["outcome"] != "release"]
        takes = _takes(card, releases)
        left = {number: line.shipped - line.given_back for number, line in card.lines.items()}
        for part in returns:
            _line(card, part["line"])
            left[part["line"]] -= Decimal(part["quantity"])
            if left[part["line"]] < 0:
                raise Refused("not_enough_shipped")
        for part in row["lines"]:
            self.require_whole(card.lines[part["line"]].sku, Decimal(part["quantity"]))
        for part in returns:
            self.shop.require(source=part.get("source"))
        self._take_off(takes, "released")
        for part in returns:
            line, units = card.lines[part["line"]], Decimal(part["quantity"])
            line.given_back += units
            if part["outcome"] == "return" and line.managed:
                take_back(self.shop, line, units, part.get("source"))
        for sku in dict.fromkeys(line.sku for line in card.lines.values()):
            self.shop.serve(sku)
        card.known[f"refund {row['refund']}"] = content_of(row)

    # ------------------------------------------------------------------ the queue

    def reschedule_order(self, row: Row) -> None:
        card = self.card(row["order"])
        for part in row["lines"]:
            if not _line(card, part["line"]).remaining:
                raise Refused("not_enough_remaining")
        for part in row["lines"]:
            card.lines[part["line"]].requested = date.fromisoformat(part["requested_date"])

    def prioritise_order(self, row: Row) -> None:
        for line in self.card(row["order"]).lines.values():
            line.priority = row["priority"]

    def mark_told(self, row: Row) -> None:
        card = self.card(row["order"])
        named = [part["line"] for part in row.get("lines", ())] or [
            number for number, line in card.lines.items() if line.remaining
        ]
        if not named or not all(_line(card, number).remaining for number in named):
            raise Refused("nothing_to_tell")

    def move_allocation(self, row: Row) -> None:
        self.shop.item(row["sku"])
        self.card(row["from_order"])
        self.card(row["to_order"])
        self.shop.require(pool=row.get("pool"))
        units = Decimal(row["quantity"])
        self.require_whole(row["sku"], units)
        lines = [line for line in self.shop.open_lines(row["sku"])
                 if row.get("pool") in (None, line.pool)]
        giving = [line for line in reversed(lines) if line.order == row["from_order"]]
        taking = [line for line in lines if line.order == row["to_order"]]
        if units > sum(line.allocated for line in giving):
            raise Refused("not_enough_allocated")
        if units > sum(line.backordered for line in taking):
            raise Refused("not_enough_remaining")
        before = [(line, line.allocated) for line in lines]
        left = units
        for line in giving:
            part = min(line.allocated, left)
            line.allocated -= part
            left -= part
        left = units
        for line in taking:
            part = min(line.backordered, left)
            line.allocated += part
            left -= part
        if not self.shop.feasible(row["sku"]):
            for line, allocated in before:
                line.allocated = allocated
            raise Refused("not_enough_on_hand")

    def allocate_backorders(self, row: Row) -> None:
        for part in row.get("lines", ()):
            _line(self.card(part["order"]), part["line"])
        self.shop.item(row["sku"])
        self.shop.require(pool=row.get("pool"))
        named = {
            (part["order"], part["line"]): part["strategy"] for part in row.get("lines", ())
        }
        distribute(self.shop, row["sku"], row["strategy"], named, row.get("pool"))


def _source(row: Row) -> str:
    return str(row.get("source", "default"))


def _number(value: Any) -> Any:
    return value if value in (None, "inherit") else Decimal(value)


def _line(card: OrderCard, number: int) -> Line:
    if number not in card.lines:
        raise Refused("unknown_line")
    return card.lines[number]


def _takes(
    card: OrderCard, parts: list[Row], ready: dict[int, Decimal] | None = None
) -> list[tuple[Line, Decimal]]:
    takes = []
    for part in parts:
        line = _line(card, part["line"])
        units = _number(part.get("quantity")) or (ready or {}).get(line.number) or line.remaining
        if not 0 < units <= line.remaining:
            raise Refused("not_enough_remaining")
        takes.append((line, units))
    return takes
