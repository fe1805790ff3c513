"""Decisions about the item itself: how it is described, and its own levels of every setting.

Rule 4.13 is the source.
"""

from collections.abc import Iterable
from typing import Any

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SettingChanged
from stocktrail.ledger.quantity import is_whole
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.salability import decimal_not_allowed
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import ProductRegistered, SourceItemCreated
from stocktrail.ledger.stock.state import ProductStock


def require(stock: ProductStock) -> None:
    """Refuse an item that was never registered."""
    if not stock.exists:
        raise Refusal(
            "unknown_sku",
            f"There is no product {stock.key}. Register it with register-product first.",
            sku=stock.key,
        )


def require_quantity(stock: ProductStock, quantity: int) -> None:
    """Refuse a fraction of an item that comes in whole units only."""
    if not stock.product.decimal and not is_whole(quantity):
        raise decimal_not_allowed(stock.key, quantity)


def register(
    stock: ProductStock,
    name: str | None,
    decimal: bool | None,
    unit: str | None,
    attributes: dict[str, Any] | None,
) -> list[Event]:
    """Describe an item; what is left out stays as it was, and the same again changes nothing.

    Refuses to make whole units the rule while fractions are on hand or wanted.
    """
    given: dict[str, Any] = {
        "name": name, "decimal": decimal, "unit": unit, "attributes": attributes,
    }
    described = stock.product._replace(
        **{field: value for field, value in given.items() if value is not None}
    )
    if not described.decimal:
        kept = [*stock.on_hand.values(), *(line.remaining for line in stock.lines.values())]
        for quantity in kept:
            if not is_whole(quantity):
                raise decimal_not_allowed(stock.key, quantity)
    if stock.exists and described == stock.product:
        return []
    return [ProductRegistered(sku=stock.key, **described._asdict())]


def carry(stock: ProductStock, settings: Settings, source: str) -> list[Event]:
    """Let a source carry an item from now on, with nothing there; one that does stays as it is.

    So an item can be sold before any unit of it has come, as far as its policy allows that.
    """
    settings.require_source(source)
    if source in stock.on_hand:
        return []
    return [SourceItemCreated(sku=stock.key, source=source)]


def change_settings(
    stock: ProductStock, settings: Settings, changes: Iterable[SettingChanged]
) -> list[Event]:
    """Set or remove values at the product's level, or the product's in a pool or at a source."""
    require(stock)
    return settings.news(changes, stock.level)
