"""The kinds of fields that questions are made of: what they say, and what their text may look like.

They hold what was written. What it means (a day in the shop's time zone, the spelling in which an
id is known) is found out when the question is answered, because it depends on the ledger. In Python
a position may be given as a number, a day as a ``date``, a quantity as an ``int`` or a ``Decimal``:
they are written down as text, and only type checkers see the difference.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BeforeValidator, Field
from pydantic.fields import FieldInfo
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


class IdOf(NamedTuple):
    """Marks a field as an id: of a category of streams such as ``stock``, a pool or a source.

    A question finds it in whichever of its Unicode forms it is asked for.
    """

    kind: str


_ID = Field(pattern=NO_CONTROL)
ItemId = Annotated[str, _ID, IdOf("stock")]
PoolId = Annotated[str, _ID, IdOf("pool")]
SourceId = Annotated[str, _ID, IdOf("source")]
CustomerId = Annotated[str, _ID, IdOf("customer")]
VendorId = Annotated[str, Field(max_length=1000), IdOf("vendor")]

Sku = Annotated[ItemId, Field(description="The item.")]
OrderId = Annotated[str, _ID, IdOf("order"), Field(description="The order.")]
PurchaseOrderId = Annotated[
    str, _ID, IdOf("purchase-order"), Field(description="The purchase order.")
]
ReceiptId = Annotated[str, _ID, IdOf("receipt"), Field(description="The receipt.")]
WebhookId = Annotated[str, _ID, IdOf("webhook"), Field(description="The webhook.")]

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


def rules_of(field: FieldInfo) -> Iterator[Any]:
    """Return what is said of a field beside its type, also where it may be left out."""
    yield from field.metadata
    for kind in get_args(field.annotation):
        if get_origin(kind) is Annotated:
            for said in get_args(kind)[1:]:
                yield from said.metadata if isinstance(said, FieldInfo) else (said,)


def kind_of_id(field: FieldInfo) -> str | None:
    """Return what a field is an id of, ``None`` for a field that is none."""
    return next((rule.kind for rule in rules_of(field) if isinstance(rule, IdOf)), None)
