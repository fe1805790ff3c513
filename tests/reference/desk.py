"""A desk of the plain shop: where commands of one kind are carried out."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.reference.shop import PlainShop, Refused

if TYPE_CHECKING:
    from tests.reference.purchasing import VendorCard

Row = dict[str, Any]


class ShopDesk:
    """What every desk knows: the shop, the day, and what stands in the shop's other books."""

    def __init__(self, shop: PlainShop, today: date) -> None:
        self.shop = shop
        self.today = today
        self.purchases: dict[str, VendorCard] = {}
        self.customers: set[str] = set()
        self.webhooks: dict[str, Any] = {}

    def require_whole(self, sku: str, units: Decimal) -> None:
        """Refuse a fraction of an item that comes in whole units."""
        if units % 1 and not self.shop.item(sku).decimal:
            raise Refused("decimal_not_allowed")


HEADER = ("id", "occurred_at", "group", "actor", "correlation_id", "expected_version")


def content_of(row: Row) -> Any:
    """Return what a command is about, by which the same business id is recognised."""
    return {name: value for name, value in row.items() if name not in HEADER}
