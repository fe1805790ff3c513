"""The kinds of fields that questions are made of: what they say, and what their text may look like.

They hold what was written. What it means (a day in the shop's time zone, the spelling in which an
id is known) is found out when the question is answered, because it depends on the ledger. In Python
a position may be given as a number, a day as a ``date``, a quantity as an ``int`` or a ``Decimal``:
they are written down as text, and only type checkers see the difference.
"""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.ledger.quantity import parse_quantity, to_text
from stocktrail.ledger.spelling import MAX_WRITTEN

NO_CONTROL = rf"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{{1,{MAX_WRITTEN}}}$"
"""What an id looks like, in whatever spelling it is asked for: no control characters."""

_QUANTITY = r"^[0-9]{1,11}(\.[0-9]{1,4})?$"


def _written_quantity(given: object) -> object:
    try:
        quantity = parse_quantity(given)
    except ValueError as error:
        raise PydanticCustomError("bad_number", "{why}", {"why": str(error)}) from None
    return to_text(quantity) if isinstance(given, (int, Decimal)) else given


def _written_moment(given: object) -> object:
    if isinstance(given, date):                  # a datetime is one too
        return given.isoformat()
    return str(given) if type(given) is int else given


Id = Annotated[str, Field(pattern=NO_CONTROL)]
"""An id of any kind."""

Sku = Annotated[str, Field(pattern=NO_CONTROL, description="The item.")]
OrderId = Annotated[str, Field(pattern=NO_CONTROL, description="The order.")]
PurchaseOrderId = Annotated[str, Field(pattern=NO_CONTROL, description="The purchase order.")]
CustomerId = Annotated[str, Field(pattern=NO_CONTROL, description="The customer.")]
WebhookId = Annotated[str, Field(pattern=NO_CONTROL, description="The webhook.")]

LineNumber = Annotated[int, Field(ge=1, le=1_000_000, description="The number of the line.")]

if TYPE_CHECKING:
    Moment = int | str | date
    Quantity = int | str | Decimal
else:
    Moment = Annotated[
        str, Field(min_length=1, max_length=60), BeforeValidator(_written_moment)
    ]
    """A position, a day or a time, as it is written."""

    Quantity = Annotated[str, Field(pattern=_QUANTITY), BeforeValidator(_written_quantity)]
    """A quantity in units, as it is written: at most 11 digits, and 4 behind the point."""


def as_text(moment: Moment) -> str:
    """Return a moment as the text that validation has made of it."""
    return str(moment)
