"""Sums: what is added up stays as exact as what it is added up from.

A quantity has at most 11 digits before the point, and so has every sum of quantities of one item:
what is on hand at all its sources, what its open lines want in all pools, what one order or one
purchase order asks for, what was received for one line. Fifteen significant digits survive the way
through a double, so differences of a few such sums (salable: supply, demand, threshold) are exact
as JSON numbers, and fit a database's integer three thousand times over. Amounts of money are kept
as text and may have 15 digits before the point.

Only growth is refused: a ledger of an earlier version that holds more can still ship and cancel.
"""

from collections.abc import Iterable
from typing import Any

from stocktrail.ledger.money import MONEY_SCALE, to_decimal_string
from stocktrail.ledger.quantity import LIMIT, SCALE, to_number, to_text
from stocktrail.ledger.refusal import Refusal

AMOUNT_LIMIT = 10**15 * MONEY_SCALE
"""The first amount of money that is too large: 15 digits stand before the point."""


def too_large(what: str, sku: str, total: int, **details: Any) -> Refusal:
    """Return the refusal of a sum of quantities that is too large to be kept.

    It would reach :data:`~stocktrail.ledger.quantity.LIMIT`.

    ``what`` begins the sentence and names the sum, such as *Source berlin would hold*.

    >>> print(too_large("All sources together would hold", "A", LIMIT).message)
    All sources together would hold 100000000000 of A; the ledger counts up to 99999999999.9999 of \
an item. Check the quantity, or count the item in larger units.
    """
    return Refusal(
        "quantity_too_large",
        f"{what} {to_text(total)} of {sku}; the ledger counts up to {to_text(LIMIT - 1)} of an "
        "item. Check the quantity, or count the item in larger units.",
        sku=sku, total=to_number(total), most=to_number(LIMIT - 1), **details,
    )


def amount_of(priced: Iterable[tuple[int, int | None]]) -> int | None:
    """Add up quantities times their unit prices; ``None`` where nothing has a price.

    ``quantity * unit_price`` is exact with eight decimals, so parts always add up to the whole.

    >>> amount_of([(2 * SCALE, 150_000_000), (SCALE, None)]), amount_of([(SCALE, None)])
    (300000000, None)
    """
    amount = None
    for quantity, price in priced:
        if price is not None:
            amount = (amount or 0) + quantity * price // SCALE
    return amount


def require_amount(order: str, amount: int) -> None:
    """Refuse an order that is worth more than any sum of money that the ledger keeps.

    >>> require_amount("SO-1", AMOUNT_LIMIT - 1)
    """
    if amount >= AMOUNT_LIMIT:
        raise Refusal(
            "amount_too_large",
            f"Order {order} would be worth {to_decimal_string(amount)}; the ledger keeps amounts "
            "of at most 15 digits before the point. Check quantities and prices, or split the "
            "order.",
            order=order, amount=to_decimal_string(amount),
            most=to_decimal_string(AMOUNT_LIMIT - 1),
        )
