"""What vendors owe the plain shop: ordered, confirmed, delayed, received and cancelled."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tests.reference.desk import Row, ShopDesk, content_of
from tests.reference.shop import ZERO, Known, Refused


@dataclass
class VendorLine:
    """A line of a purchase order, as the shop's buyer would write it on a card."""

    sku: str
    ordered: Decimal
    expected: date | None
    received: Decimal = ZERO
    cancelled: Decimal = ZERO

    @property
    def settled(self) -> Decimal:
        """Units that have come or will not come."""
        return self.received + self.cancelled

    @property
    def remaining(self) -> Decimal:
        """Units still to come, none after an over-receipt."""
        return max(self.ordered - self.settled, ZERO)


@dataclass
class VendorCard:
    """A purchase order, with its lines by number and what is known of its receipts."""

    content: Any
    source: str
    lines: dict[int, VendorLine]
    receipts: dict[str, Any] = field(default_factory=dict)

    def line(self, number: int) -> VendorLine:
        """Return a line that must be known."""
        if number not in self.lines:
            raise Refused("unknown_line")
        return self.lines[number]

    def open_numbers(self) -> list[int]:
        """Return the numbers of the lines of which units are still to come; refuse none."""
        numbers = [number for number, line in self.lines.items() if line.remaining]
        if not numbers:
            raise Refused("not_enough_remaining")
        return numbers


class BuyersDesk(ShopDesk):
    """Takes the commands about purchase orders."""

    def place_purchase_order(self, row: Row) -> None:
        known = self.purchases.get(row["purchase_order"])
        if known is not None:
            if known.content == content_of(row):
                raise Known
            raise Refused("already_exists")
        source = row.get("source", "default")
        self.shop.require(source=source)
        failed = []
        for line in row["lines"]:
            if line["sku"] not in self.shop.items:
                failed.append("unknown_sku")
            elif Decimal(line["quantity"]) % 1 and not self.shop.items[line["sku"]].decimal:
                failed.append("decimal_not_allowed")
        if failed:
            raise Refused(*failed)
        self.purchases[row["purchase_order"]] = VendorCard(content_of(row), source, {
            number: VendorLine(
                line["sku"], Decimal(line["quantity"]), _day(line.get("expected_date"))
            )
            for number, line in enumerate(row["lines"], start=1)
        })
        self._carry(row["purchase_order"])

    def confirm_purchase_order(self, row: Row) -> None:
        self._change_terms(row)

    def delay_purchase_order(self, row: Row) -> None:
        self._change_terms(row)

    def receive_goods(self, row: Row) -> None:
        card = self._card(row)
        if row["receipt"] in card.receipts:
            if card.receipts[row["receipt"]] == content_of(row):
                raise Known
            raise Refused("already_exists")
        arrived = []
        for line, units in self._parts(card, row):     # line by line: the first fault is told
            if not units:
                raise Refused("not_enough_remaining")
            arrived.append((line, units))
        source = row.get("source", card.source)
        self.shop.require(source=source)
        for line, units in arrived:
            self.require_whole(line.sku, units)
        for line, units in arrived:
            line.received += units
            on_hand = self.shop.items[line.sku].on_hand
            on_hand[source] = on_hand.get(source, ZERO) + units
        for sku in dict.fromkeys(line.sku for line, _ in arrived):
            self.shop.settle(sku)
        card.receipts[row["receipt"]] = content_of(row)

    def cancel_purchase_order(self, row: Row) -> None:
        card = self._card(row)
        if "lines" not in row and not any(
            line.remaining or line.received for line in card.lines.values()
        ):
            return
        for part in row.get("lines", ()):
            if "quantity" in part:
                self.require_whole(card.line(part["line"]).sku, Decimal(part["quantity"]))
        cancelled = []
        for line, units in self._parts(card, row):
            if not 0 < units <= line.remaining:
                raise Refused("not_enough_remaining")
            cancelled.append((line, units))
        for line, units in cancelled:
            line.cancelled += units

    def _card(self, row: Row) -> VendorCard:
        if row["purchase_order"] not in self.purchases:
            raise Refused("unknown_purchase_order")
        return self.purchases[row["purchase_order"]]

    def _parts(self, card: VendorCard, row: Row) -> Iterator[tuple[VendorLine, Decimal]]:
        for part in row.get("lines") or [{"line": number} for number in card.open_numbers()]:
            line = card.line(part["line"])
            yield line, Decimal(part["quantity"]) if "quantity" in part else line.remaining

    def _change_terms(self, row: Row) -> None:
        card = self._card(row)
        parts = row.get("lines") or [{"line": number} for number in card.open_numbers()]
        for part in parts:
            line = card.line(part["line"])
            if "quantity" in part:
                self.require_whole(line.sku, Decimal(part["quantity"]))
        changes = []
        for part in parts:
            line = card.line(part["line"])
            quantity = Decimal(part.get("quantity", line.ordered))
            day = _day(part.get("expected_date", row.get("expected_date"))) or line.expected
            if quantity < line.settled and quantity != line.ordered:
                raise Refused("not_enough_remaining")
            if not line.remaining and quantity <= line.settled and day != line.expected:
                raise Refused("not_enough_remaining")
            changes.append((line, quantity, day))
        for line, quantity, day in changes:
            line.ordered, line.expected = quantity, day
        self._carry(row["purchase_order"])

    def _carry(self, purchase_order: str) -> None:
        """Let the destination carry what is still to come, with nothing there yet."""
        card = self.purchases[purchase_order]
        for line in card.lines.values():
            if line.remaining:
                self.shop.items[line.sku].on_hand.setdefault(card.source, ZERO)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
