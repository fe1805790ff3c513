"""Refunds in WooCommerce: which units of which line, whether they had been shipped and came back.

The webhook of an order tells only the amounts. The lines are asked of the REST API; whether the
units were put back on the stock stands in the meta data of the order's own lines, as one number
for all refunds of the line.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from examples.storefront.translation import Payload, Unreadable, listed, reason_of, required

RefundsOf = Callable[[str], Sequence[Payload]]
"""Returns the refunds of an order with their lines, which the webhook leaves out."""


class Refund(NamedTuple):
    """One refund: the units of each line of the order, and whether they had been shipped."""

    id: str
    at: str
    reason: str | None
    units: Mapping[str, Any]
    was_shipped: bool


def read_refunds(told: Sequence[Payload], completed_at: str) -> list[Refund]:
    """Return the refunds of an order in the order of their ids. Raises ``Unreadable``.

    What is refunded after the order was completed had been shipped.
    """
    found = []
    for refund in sorted(told, key=lambda each: int(required(each, "id"))):
        units: dict[str, Any] = {}
        for item in listed(refund, "line_items"):
            line_id = meta(item, "_refunded_item_id")
            if line_id is None:
                raise Unreadable(f"refund {refund['id']} does not say of which line")
            units[line_id] = units.get(line_id, 0) + abs(item.get("quantity") or 0)
        at = str(refund.get("date_created_gmt") or "")
        found.append(Refund(
            str(refund["id"]), at, reason_of(refund.get("reason")), units,
            was_shipped=bool(completed_at) and at > completed_at,
        ))
    return found


def outcome_of(
    refund: Refund, line_id: str, item: Payload, refunds: Sequence[Refund]
) -> tuple[str | None, str | None]:
    """Return what becomes of the units that a refund takes of a line, and a remark.

    There is no outcome where WooCommerce does not tell which refund put its units back.
    """
    of_all = sum(each.units.get(line_id, 0) for each in refunds)
    restocked = Decimal(meta(item, "_restock_refunded_items") or 0)
    if not refund.was_shipped:
        remark = (
            f"Refund {refund.id} did not restock {title_of(item)}, which was not shipped: here it "
            "may be sold again. Adjust the stock if the units are gone."
        )
        return "release", None if restocked else remark
    if 0 < restocked < of_all:
        return None, (
            f"Refund {refund.id}: {restocked} of {of_all} of {title_of(item)} were restocked, but "
            "it is not told by which refund. Refund them by hand."
        )
    return ("return" if restocked else "write_off"), None


def meta(item: Payload, key: str) -> str | None:
    """Return a value of the meta data of a line, ``None`` when it is not there."""
    values = [each.get("value") for each in listed(item, "meta_data") if each.get("key") == key]
    return str(values[0]) if values and values[0] not in (None, "") else None


def title_of(item: Payload) -> str:
    """Return what people call a line."""
    return str(item.get("name") or item.get("id") or "a line")
