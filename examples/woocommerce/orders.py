"""WooCommerce's orders as commands: each webhook holds the whole order as it stands.

What its status says decides: an order is placed when WooCommerce takes its units off the stock
(on-hold, processing), shipped when it is completed, cancelled when it is cancelled or deleted.
Fields are those of its REST API: https://developer.woocommerce.com/docs/apis/rest-api/v3/orders.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from examples.storefront.translation import (
    KnownLine,
    KnownOrders,
    NotKnownYet,
    Payload,
    Translation,
    listed,
    required,
    sku_of,
    why_changed,
    written,
)
from examples.woocommerce.refunds import (
    Refund,
    RefundsOf,
    outcome_of,
    read_refunds,
    title_of,
)

PLACED = frozenset(("on-hold", "processing", "completed"))
NOT_PAID = frozenset(("pending", "failed", "checkout-draft", "auto-draft", "draft", "new"))
CLOSED = frozenset(("cancelled", "trash"))
NOTHING_LEFT = frozenset(("not_enough_remaining",))


class WooCommerceOrder:
    """The steps of one order, one after the other."""

    def __init__(
        self, payload: Payload, orders: KnownOrders, pool: str, refunds_of: RefundsOf | None
    ) -> None:
        self._id = str(required(payload, "id"))
        self.found = Translation(f"order {self._id}")
        self._payload, self._orders, self._pool = payload, orders, pool
        self._refunds_of = refunds_of
        self._completed_at = str(payload.get("date_completed_gmt") or "")

    def deleted(self) -> Translation:
        """Cancel an order that was deleted, if anything was known of it."""
        self._close("deleted in WooCommerce")
        return self.found

    def translate(self) -> Translation:
        """Return the steps that lead to the order as it stands; none when something newer came."""
        status = required(self._payload, "status")
        changed = str(required(self._payload, "date_modified_gmt"))
        if not self._orders.is_newer(f"woocommerce {self.found.about}", changed):
            return self.found
        if status in CLOSED:
            self._close(f"{status} in WooCommerce")
        elif status in NOT_PAID:
            if self._known_name() is not None:
                self._remark(f"It is {status} again: here its units stay reserved.")
        elif status in PLACED or (status == "refunded" and self._known_name() is not None):
            self._stand(status)
        elif status != "refunded":
            self._remark(f"Status {status!r} is not WooCommerce's own: nothing was done.")
        return self.found

    def _stand(self, status: str) -> None:
        if self._orders.is_cancelled(self._id):
            self._remark(f"It was cancelled and is {status} again: place it as a new order.")
            return
        items = {str(required(item, "id")): item for item in listed(self._payload, "line_items")}
        offered = {line: sku_of(item) for line, item in items.items()}
        name = str(self._payload.get("number") or self._id).strip()
        lines = self._orders.lines(self._id, offered)
        self._place(self._orders.name(self._id, name), items, lines)
        refunds = self._refunds()
        for refund in refunds:
            if not refund.was_shipped:
                self._pay_back(refund, items, lines, refunds)
        if self._completed_at:
            self._ship(items, lines, refunds)
        for refund in refunds:
            if refund.was_shipped:
                self._pay_back(refund, items, lines, refunds)
        if status == "refunded" and not self._completed_at:
            self._close("refunded in WooCommerce")

    def _place(
        self, name: str, items: Mapping[str, Payload], lines: Mapping[str, KnownLine]
    ) -> None:
        ordered = []
        for line_id, item in items.items():
            line, quantity = lines.get(line_id), item.get("quantity") or 0
            if line is None:
                self._remark(f"{title_of(item)} was added after it was placed: order it apart.")
            elif not line.sku:
                self._remark(f"{title_of(item)} has no SKU: it is not in the ledger.")
            elif quantity > 0:
                self._tell_change(name, line_id, title_of(item), quantity)
                ordered.append({
                    "line": line.number, "sku": line.sku, "quantity": written(quantity),
                    "unit_price": _price(item.get("price")),
                })
        for line_id, line in lines.items():
            if line.sku and line_id not in items:
                self._tell_change(name, line_id, line.sku, 0)
        customer = self._payload.get("customer_id")
        if ordered:
            at = self._payload.get("date_created_gmt")
            self.found.add("place-order", f"woocommerce:order:{self._id}", at, {
                "order": name, "lines": ordered, "pool": self._pool,
                "customer": f"woocommerce-{customer}" if customer else f"guest of {name}",
                "currency": self._payload.get("currency"),
            })

    def _tell_change(
        self, name: str, line_id: str, title: str, stands: int | Decimal
    ) -> None:
        placed = self._orders.ordered(self._id, line_id, Decimal(stands))
        changed = why_changed(title, name, placed, stands)
        if changed is not None:
            self._remark(changed)

    def _ship(
        self, items: Mapping[str, Payload], lines: Mapping[str, KnownLine],
        refunds: Sequence[Refund],
    ) -> None:
        left = []
        for line_id, item in items.items():
            released = sum(each.units.get(line_id, 0) for each in refunds if not each.was_shipped)
            quantity = (item.get("quantity") or 0) - released
            line = lines.get(line_id)
            if line is not None and line.sku and quantity > 0:
                left.append({"line": line.number, "quantity": written(quantity)})
        if left:
            self.found.add("ship-order", f"woocommerce:completion:{self._id}", self._completed_at, {
                "order": self._orders.name(self._id), "shipment": f"woocommerce-{self._id}",
                "lines": left,
            })

    def _refunds(self) -> list[Refund]:
        if not listed(self._payload, "refunds"):
            return []
        if self._refunds_of is None:
            self._remark("It was refunded, but without a key of the REST API nobody knows of what.")
            return []
        return read_refunds(self._refunds_of(self._id), self._completed_at)

    def _pay_back(
        self, refund: Refund, items: Mapping[str, Payload], lines: Mapping[str, KnownLine],
        refunds: Sequence[Refund],
    ) -> None:
        parts = []
        for line_id, quantity in refund.units.items():
            line, item = lines.get(line_id), items.get(line_id, {})
            if line is None or not line.sku or not quantity:
                continue
            outcome, remark = outcome_of(refund, line_id, item, refunds)
            if remark:
                self._remark(remark)
            if outcome:
                parts.append({
                    "line": line.number, "quantity": written(quantity), "outcome": outcome,
                })
        if parts:
            self.found.add("refund-order", f"woocommerce:refund:{refund.id}", refund.at, {
                "order": self._orders.name(self._id), "refund": refund.id,
                "reason": refund.reason, "lines": parts,
            })
        elif not refund.units and refund.was_shipped:
            self._remark(f"Refund {refund.id} names no lines: record what comes back by hand.")

    def _close(self, reason: str) -> None:
        name = self._known_name()
        if name is not None:
            self._orders.cancel(self._id)
            at = None if reason.startswith("deleted") else self._payload.get("date_modified_gmt")
            self.found.add(
                "cancel-order", f"woocommerce:cancellation:{self._id}", at,
                {"order": name, "reason": reason}, NOTHING_LEFT,
            )

    def _known_name(self) -> str | None:
        try:
            return self._orders.name(self._id)
        except NotKnownYet:
            return None

    def _remark(self, remark: str) -> None:
        self.found.remarks.append(f"Order {self._payload.get('number') or self._id}: {remark}")


def _price(price: object) -> str:
    """Return a price with the four decimals that the ledger keeps.

    >>> _price(Decimal("21.9933333")), _price("7.5"), _price(None)
    ('21.9933', '7.5000', '0.0000')
    """
    exact = Decimal(str(price or 0))
    return str(exact.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN))
