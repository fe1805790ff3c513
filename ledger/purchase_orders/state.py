"""Purchase orders: what a vendor owes, until when, and what has come of it.

What arrives is put on hand by :class:`~stocktrail.ledger.stock.state.ProductStock`. Which waiting
lines an open receipt is pegged to is a conclusion of the read models, never kept here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple, Self

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.purchase_orders.events import (
    PurchaseLineCancelled,
    PurchaseLineReceived,
    PurchaseLineTerms,
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderDelayed,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from stocktrail.ledger.quantity import LIMIT, to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.sums import too_large


class PurchaseLine(NamedTuple):
    """One line as it stands; quantities in ten-thousandths. It may be undated."""

    sku: str
    ordered: int
    expected_date: date | None
    received: int = 0
    cancelled: int = 0

    @property
    def remaining(self) -> int:
        """Units that are still to come: never negative, even after an over-receipt."""
        return max(self.ordered - self.received - self.cancelled, 0)


class Terms(NamedTuple):
    """Other terms for a line; ``None`` keeps what holds."""

    line: int
    quantity: int | None
    expected_date: date | None


class PurchaseOrder(Aggregate):
    """A purchase order with its lines."""

    __slots__ = ("confirmed", "contents", "lines", "source", "vendor")

    category = "purchase-order"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.vendor = ""
        self.source = ""
        self.confirmed = False
        self.contents: dict[str, tuple[str, int]] = {}
        self.lines: dict[int, PurchaseLine] = {}

    def _placed(self, event: PurchaseOrderPlaced) -> None:
        self.vendor, self.source = event.vendor, event.source
        self.contents["purchase_order"] = (event.content, self.version)
        self.lines = {
            line.line: PurchaseLine(line.sku, line.quantity, line.expected_date)
            for line in event.lines
        }

    def _terms_changed(self, event: PurchaseOrderConfirmed | PurchaseOrderDelayed) -> None:
        self.confirmed = self.confirmed or isinstance(event, PurchaseOrderConfirmed)
        for part in event.lines:
            self.lines[part.line] = self.lines[part.line]._replace(
                ordered=part.quantity, expected_date=part.expected_date
            )

    def _received(self, event: PurchaseOrderReceived) -> None:
        self.contents[f"receipt/{event.receipt}"] = (event.content, self.version)
        for part in event.lines:
            line = self.lines[part.line]
            self.lines[part.line] = line._replace(received=line.received + part.quantity)

    def _cancelled(self, event: PurchaseOrderCancelled) -> None:
        for part in event.lines:
            line = self.lines[part.line]
            self.lines[part.line] = line._replace(cancelled=line.cancelled + part.quantity)

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        PurchaseOrderPlaced: _placed,
        PurchaseOrderConfirmed: _terms_changed,
        PurchaseOrderDelayed: _terms_changed,
        PurchaseOrderReceived: _received,
        PurchaseOrderCancelled: _cancelled,
    }

    def to_state(self) -> dict[str, Any]:
        """Return the purchase order and its lines as JSON values."""
        return {
            "vendor": self.vendor, "source": self.source, "confirmed": self.confirmed,
            "contents": self.contents,
            "lines": [
                [number, line.sku, line.ordered, _iso(line.expected_date), *line[3:]]
                for number, line in self.lines.items()
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the purchase order and its lines."""
        self.vendor, self.source = state["vendor"], state["source"]
        self.confirmed = state["confirmed"]
        self.contents = {what: (text, at) for what, (text, at) in state["contents"].items()}
        self.lines = {
            number: PurchaseLine(sku, ordered, day and date.fromisoformat(day), *rest)
            for number, sku, ordered, day, *rest in state["lines"]
        }

    def clone(self) -> Self:
        """Copy the purchase order."""
        copy = self.blank_copy()
        copy.vendor, copy.source, copy.confirmed = self.vendor, self.source, self.confirmed
        copy.contents, copy.lines = dict(self.contents), dict(self.lines)
        return copy

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing came and nothing is to come any more."""
        return not any(line.remaining or line.received for line in self.lines.values())

    # -------------------------------------------------------------- decisions

    def recorded_as(self, what: str, content: str) -> int | None:
        """Return the stream version at which a purchase order or receipt was recorded before.

        ``None`` means it is new. The same id with another content is refused with
        ``already_exists``.
        """
        if what not in self.contents:
            return None
        known, version = self.contents[what]
        if known == content:
            return version
        receipt = what.partition("/")[2]
        named = f"Receipt {receipt} of purchase order" if receipt else "Purchase order"
        raise Refusal(
            "already_exists",
            f"{named} {self.key} is known already, with another content. Use a new id for "
            "something new.",
            purchase_order=self.key, **({"receipt": receipt} if receipt else {}),
        )

    def require(self) -> None:
        """Refuse a purchase order that was never placed."""
        if not self.version:
            raise Refusal(
                "unknown_purchase_order",
                f"There is no purchase order {self.key}. Place it with place-purchase-order first.",
                purchase_order=self.key,
            )

    def require_line(self, number: int) -> PurchaseLine:
        """Return a line, or refuse a number that the purchase order does not have."""
        if number not in self.lines:
            raise Refusal(
                "unknown_line",
                f"Purchase order {self.key} has no line {number}; its lines are "
                f"{', '.join(map(str, self.lines))}.",
                purchase_order=self.key, line=number,
            )
        return self.lines[number]

    def place(
        self, vendor: str, source: str, lines: Iterable[PurchaseLineTerms], content: str
    ) -> list[Event]:
        """Order goods from a vendor."""
        placed = tuple(lines)
        self._require_countable((line.sku, line.quantity) for line in placed)
        return [PurchaseOrderPlaced(
            purchase_order=self.key, vendor=vendor, source=source, lines=placed, content=content,
        )]

    def confirm(self, terms: Sequence[Terms], reason: str | None) -> list[Event]:
        """Confirm with other dates or quantities; the same again changes nothing.

        A line that was undated is expected from now on when the vendor names a date.
        Refuses with ``not_enough_remaining`` fewer units than have been received or cancelled, and
        another date for a line of which nothing is to come any more.
        """
        changed = self._changed(terms)
        if not changed and self.confirmed:
            return []
        return [PurchaseOrderConfirmed(purchase_order=self.key, lines=changed, reason=reason)]

    def delay(self, terms: Sequence[Terms], reason: str | None) -> list[Event]:
        """Move the expected dates of lines; dates that already hold change nothing.

        The first date of an undated line is no delay: it only was not known before. Refuses what
        :meth:`confirm` refuses.
        """
        changed = self._changed(terms)
        if not changed:
            return []
        return [PurchaseOrderDelayed(purchase_order=self.key, lines=changed, reason=reason)]

    def open_lines(self, doing: str) -> list[int]:
        """Number the lines of which units are still to come; refuses when there is none."""
        numbers = [number for number, line in self.lines.items() if line.remaining]
        if not numbers:
            raise Refusal(
                "not_enough_remaining",
                f"Nothing of purchase order {self.key} remains to be {doing}.",
                purchase_order=self.key, remaining=0,
            )
        return numbers

    def _changed(self, terms: Sequence[Terms]) -> tuple[PurchaseLineTerms, ...]:
        changed = []
        for term in terms:
            line = self.require_line(term.line)
            quantity = line.ordered if term.quantity is None else term.quantity
            day = line.expected_date if term.expected_date is None else term.expected_date
            settled = line.received + line.cancelled
            if quantity < settled and quantity != line.ordered:
                raise self._too_few(term.line, line, quantity, settled)
            if not line.remaining and quantity <= settled and day != line.expected_date:
                raise self._too_many(term.line, line, 0)
            if (quantity, day) != (line.ordered, line.expected_date):
                changed.append(PurchaseLineTerms(
                    line=term.line, sku=line.sku, quantity=quantity, expected_date=day,
                    remaining=max(quantity - settled, 0) if settled else None,
                ))
        self._require_countable_after(changed)
        return tuple(changed)

    def _require_countable_after(self, changed: Sequence[PurchaseLineTerms]) -> None:
        if any(term.quantity > self.lines[term.line].ordered for term in changed):
            news = {term.line: term.quantity for term in changed}
            self._require_countable(
                (line.sku, news.get(number, line.ordered)) for number, line in self.lines.items()
            )

    def _require_countable(self, ordered: Iterable[tuple[str, int]]) -> None:
        """Refuse lines that together ask for more of an item than the ledger counts."""
        totals: dict[str, int] = {}
        for sku, quantity in ordered:
            totals[sku] = total = totals.get(sku, 0) + quantity
            if total >= LIMIT:
                raise too_large(
                    f"Purchase order {self.key} would ask for", sku, total,
                    purchase_order=self.key,
                )

    def _too_few(self, number: int, line: PurchaseLine, quantity: int, settled: int) -> Refusal:
        return Refusal(
            "not_enough_remaining",
            f"Line {number} of purchase order {self.key} ({line.sku}): {to_text(settled)} have "
            f"been received or cancelled, so {to_text(quantity)} cannot be confirmed.",
            purchase_order=self.key, line=number, sku=line.sku, quantity=to_number(quantity),
            remaining=to_number(line.remaining), shortfall=to_number(settled - quantity),
        )

    def arrivals(self, wanted: Iterable[tuple[int, int | None]]) -> list[PurchaseLineReceived]:
        """Return what arrives of each line, and how much of it is over what was open.

        ``None`` as a quantity means all that remains; refuses that when nothing does.
        """
        arrived = []
        for number, quantity in wanted:
            line = self.require_line(number)
            taken = line.remaining if quantity is None else quantity
            if not taken:
                raise self._too_many(number, line, 0)
            if line.received + taken >= LIMIT:
                raise too_large(
                    f"Line {number} of purchase order {self.key} would have received", line.sku,
                    line.received + taken, purchase_order=self.key, line=number,
                )
            arrived.append(PurchaseLineReceived(
                line=number, sku=line.sku, quantity=taken, over=max(taken - line.remaining, 0)
            ))
        return arrived

    def receive(
        self, receipt: str, source: str, arrived: Iterable[PurchaseLineReceived], content: str
    ) -> list[Event]:
        """Record what arrived with one receipt; more than was ordered is accepted and flagged."""
        return [PurchaseOrderReceived(
            purchase_order=self.key, receipt=receipt, source=source, lines=tuple(arrived),
            content=content,
        )]

    def cancel(
        self, wanted: Iterable[tuple[int, int | None]], reason: str | None
    ) -> list[Event]:
        """Cancel open units; ``None`` as a quantity means all that remain; refuses more."""
        lines = []
        for number, quantity in wanted:
            line = self.require_line(number)
            taken = line.remaining if quantity is None else quantity
            if taken > line.remaining or not taken:
                raise self._too_many(number, line, taken)
            lines.append(PurchaseLineCancelled(line=number, sku=line.sku, quantity=taken))
        return [PurchaseOrderCancelled(
            purchase_order=self.key, lines=tuple(lines), reason=reason
        )]

    def _too_many(self, number: int, line: PurchaseLine, quantity: int) -> Refusal:
        return Refusal(
            "not_enough_remaining",
            f"Line {number} of purchase order {self.key} ({line.sku}): {to_text(line.remaining)} "
            "remain open.",
            purchase_order=self.key, line=number, sku=line.sku, quantity=to_number(quantity),
            remaining=to_number(line.remaining),
            shortfall=to_number(max(quantity - line.remaining, 0)),
        )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
