"""Shopify's orders, fulfilments and refunds as commands.

The payload of an order holds its fulfilments and refunds too, so whichever webhook comes first is
enough, and the others find that everything is recorded already. Fields are those of the REST
resources: https://shopify.dev/docs/api/webhooks.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from examples.storefront.translation import (
    KnownLine,
    KnownOrders,
    Payload,
    Translation,
    Unreadable,
    listed,
    reason_of,
    required,
    sku_of,
    why_changed,
    written,
)

NOT_SHIPPED = frozenset(("cancelled", "error", "failure"))
"""A fulfilment of any other status has taken its units off the shelf in Shopify."""


class ShopifyOrder:
    """The steps of one order, one after the other."""

    def __init__(self, order_id: str, orders: KnownOrders, sources: Mapping[str, str]) -> None:
        self.found = Translation(f"order {order_id}")
        self._id, self._orders, self._sources = order_id, orders, sources
        self._name = ""
        self._lines: dict[str, KnownLine] = {}

    def know(self) -> None:
        """Recall the order, which another webhook told. Raises ``NotKnownYet``."""
        self._name = self._orders.name(self._id)
        self._lines = self._orders.lines(self._id, {})

    def order(self, payload: Payload, pool: str) -> None:
        """Place the order, and record what became of it so far."""
        items = listed(payload, "line_items")
        offered = {str(required(item, "id")): sku_of(item) for item in items}
        self._name = self._orders.name(self._id, str(payload.get("name") or self._id).strip())
        self._lines = self._orders.lines(self._id, offered)
        lines = []
        is_latest = self._is_latest(payload)
        for item in items:
            line = self._line(str(item["id"]), str(item.get("title") or item["id"]))
            quantity = item.get("quantity") or 0
            if line is None:
                continue
            if is_latest and not payload.get("cancelled_at"):
                self._tell_edit(item, quantity, payload)
            if quantity > 0:
                lines.append({
                    "line": line.number, "sku": line.sku, "quantity": written(quantity),
                    "unit_price": str(item.get("price") or 0),
                })
        if not lines:
            return
        customer = (payload.get("customer") or {}).get("id")
        self.found.add("place-order", f"shopify:order:{self._id}", payload.get("created_at"), {
            "order": self._name, "lines": lines, "pool": pool,
            "customer": f"shopify-{customer}" if customer else f"guest of {self._name}",
            "currency": payload.get("currency"),
        })
        if payload.get("cancelled_at"):
            self._orders.cancel(self._id)
        for fulfillment in listed(payload, "fulfillments"):
            self.fulfillment(fulfillment)
        for refund in listed(payload, "refunds"):
            self.refund(refund)
        if payload.get("cancelled_at"):
            self.found.add(
                "cancel-order", f"shopify:cancellation:{self._id}", payload["cancelled_at"],
                {"order": self._name, "reason": reason_of(payload.get("cancel_reason"))},
                settled_by=frozenset(("not_enough_remaining",)),
            )

    def _is_latest(self, payload: Payload) -> bool:
        """Return whether nothing later was told of the order, as far as the payload says when."""
        updated = payload.get("updated_at")
        if updated is None:
            return True
        return self._orders.is_newer(f"shopify {self.found.about}", in_utc(str(updated)))

    def _tell_edit(self, item: Payload, quantity: int | Decimal, payload: Payload) -> None:
        """Report what an edit of the order changed: refunds explain fewer units, edits need not."""
        current = item.get("current_quantity")
        stands = quantity if current is None else current + sum(
            required(each, "quantity")
            for refund in listed(payload, "refunds") for each in listed(refund, "refund_line_items")
            if each.get("line_item_id") == item["id"]
        )
        placed = self._orders.ordered(self._id, str(item["id"]), Decimal(quantity))
        title = str(item.get("title") or item["id"])
        changed = why_changed(title, self._name, placed, min(stands, quantity))
        if changed is not None:
            self._remark(changed)

    def fulfillment(self, payload: Payload) -> None:
        """Ship what a fulfilment took, from its location where that is a source."""
        shipment = str(required(payload, "id"))
        if payload.get("status") in NOT_SHIPPED:
            self._remark(
                f"Fulfilment {shipment} is {payload['status']}: if it was shipped here before, "
                "count what came back."
            )
            return
        units: dict[int, Any] = {}
        for item in listed(payload, "line_items"):
            line = self._line(str(required(item, "id")), str(item.get("title") or item["id"]))
            if line is not None and required(item, "quantity") > 0:
                units[line.number] = units.get(line.number, 0) + item["quantity"]
                self._orders.ship(self._id, str(item["id"]), shipment, float(item["quantity"]))
        if units:
            at = payload.get("created_at")
            self.found.add("ship-order", f"shopify:fulfillment:{shipment}", at, {
                "order": self._name, "shipment": shipment, "source": self._source(payload),
                "lines": [{"line": line, "quantity": written(units[line])} for line in units],
            })

    def refund(self, payload: Payload) -> None:
        """Pay back what a refund names: released, returned, or written off."""
        refund = str(required(payload, "id"))
        units: dict[tuple[int, str, str | None], Any] = {}
        for item in listed(payload, "refund_line_items"):
            title = str((item.get("line_item") or {}).get("title") or item.get("line_item_id"))
            line = self._line(str(required(item, "line_item_id")), title)
            outcome = self._outcome(item, refund, title)
            if line is None or outcome is None:
                continue
            key = (line.number, outcome, self._source(item) if outcome == "return" else None)
            units[key] = units.get(key, 0) + required(item, "quantity")
        if units:
            self.found.add("refund-order", f"shopify:refund:{refund}", payload.get("created_at"), {
                "order": self._name, "refund": refund, "reason": reason_of(payload.get("note")),
                "lines": [
                    {"line": line, "quantity": written(quantity), "outcome": outcome,
                     "source": source}
                    for (line, outcome, source), quantity in units.items()
                ],
            })

    def _outcome(self, item: Payload, refund: str, title: str) -> str | None:
        """Return what becomes of refunded units; ``None`` where a cancellation covers them."""
        restock = required(item, "restock_type")
        if restock == "return":
            return "return"
        shipped = self._shipped(item)
        if restock == "cancel" or not shipped:
            if self._orders.is_cancelled(self._id):
                return None
            if restock == "no_restock":
                self._remark(
                    f"Refund {refund} did not restock {title}, which was not shipped: here it may "
                    "be sold again. Adjust the stock if the units are gone."
                )
            return "release"
        if shipped != "fulfilled":
            self._remark(
                f"Refund {refund} of {title} ({restock}) does not say whether the units had been "
                "shipped: refund them by hand."
            )
            return None
        return "write_off" if restock == "no_restock" else "return"

    def _shipped(self, item: Payload) -> str | None:
        """Return whether units of a refunded line had been shipped: fulfilled, partial, or not.

        The payload says how it was when it was made; fulfilments may have told more since.
        """
        line = item.get("line_item") or {}
        ordered = float(line.get("quantity") or 0)
        if ordered and self._orders.shipped(self._id, str(item["line_item_id"])) >= ordered:
            return "fulfilled"
        status = line.get("fulfillment_status")
        return str(status) if status else None

    def _line(self, line_id: str, title: str) -> KnownLine | None:
        line = self._lines.get(line_id)
        if line is None:
            self._remark(f"{title} was added to {self._name} after it was placed: order it apart.")
        elif not line.sku:
            self._remark(f"{title} on {self._name} has no SKU: it is not in the ledger.")
        return line if line is not None and line.sku else None

    def _source(self, payload: Payload) -> str | None:
        return self._sources.get(str(payload.get("location_id")))

    def _remark(self, remark: str) -> None:
        if remark not in self.found.remarks:
            self.found.remarks.append(remark)


def in_utc(moment: str) -> str:
    """Return a moment in UTC, so that texts compare as moments do. Raises ``Unreadable``.

    >>> in_utc("2026-03-09T12:00:00+02:00")
    '2026-03-09T10:00:00+00:00'
    """
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).isoformat()
    except ValueError:
        raise Unreadable(f"{moment!r} is no moment") from None
