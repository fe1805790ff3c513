"""The kinds of fields that questions are made of: what they say, and what their text may look like.

They hold what was written. What it means (a day in the shop's time zone, the spelling in which an
id is known) is found out when the question is answered, because it depends on the ledger.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.ledger.quantity import parse_quantity
from stocktrail.ledger.spelling import MAX_WRITTEN

NO_CONTROL = rf"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{{1,{MAX_WRITTEN}}}$"
"""What an id looks like, in whatever spelling it is asked for: no control characters."""

_QUANTITY = r"^[0-9]{1,11}(\.[0-9]{1,4})?$"


def _written_quantity(written: object) -> object:
    try:
        parse_quantity(written)
    except ValueError as error:
        raise PydanticCustomError("bad_number", "{why}", {"why": str(error)}) from None
    return written


Id = Annotated[str, Field(pattern=NO_CONTROL)]
"""An id of any kind."""

Sku = Annotated[str, Field(pattern=NO_CONTROL, description="The item.")]
OrderId = Annotated[str, Field(pattern=NO_CONTROL, description="The order.")]
PurchaseOrderId = Annotated[str, Field(pattern=NO_CONTROL, description="The purchase order.")]
CustomerId = Annotated[str, Field(pattern=NO_CONTROL, description="The customer.")]
WebhookId = Annotated[str, Field(pattern=NO_CONTROL, description="The webhook.")]

LineNumber = Annotated[int, Field(ge=1, le=1_000_000, description="The number of the line.")]

Moment = Annotated[str, Field(min_length=1, max_length=60)]
"""A position, a day or a time, as it is written."""

Quantity = Annotated[str, BeforeValidator(_written_quantity), Field(pattern=_QUANTITY)]
"""A quantity in units, as it is written: at most 11 digits, and 4 behind the point."""
