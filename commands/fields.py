"""The kinds of fields that commands are made of, each judged on what was written."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from stocktrail.ledger.instant import parse_moment
from stocktrail.ledger.money import MONEY_SCALE, parse_price, to_decimal_string
from stocktrail.ledger.quantity import SCALE, parse_quantity, shortened, to_number
from stocktrail.ledger.spelling import ID_PATTERN, MAX_ID, MAX_WRITTEN, VENDOR_PATTERN, composed

NO_CONTROL_CHARACTER = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_NOT_STORABLE = re.compile(r"[\x00\ud800-\udfff]")

_SMALL_INTEGER = 1_000_000_000

NUMBER_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "multipleOf": 0.0001},
        {"type": "string", "pattern": r"^-?\d{1,11}(\.\d{1,4})?$"},
    ]
}


def _storable_text(value: object) -> object:
    if isinstance(value, str) and _NOT_STORABLE.search(value):
        raise PydanticCustomError(
            "unwritable_character", "must not contain NUL or half a surrogate pair"
        )
    return value


def _number(value: object) -> int:
    return _parsed(parse_quantity, value)


def _positive(value: object) -> int:
    if type(value) is int and 0 < value < _SMALL_INTEGER:
        return value * SCALE
    quantity = _number(value)
    if quantity <= 0:
        raise PydanticCustomError("not_positive", "must be more than 0")
    return quantity


def _not_negative(value: object) -> int:
    return _at_least_0(_number(value))


def _price(value: object) -> int:
    return _at_least_0(_parsed(parse_price, value))


def _parsed(parse: Callable[[object], int], value: object) -> int:
    try:
        return parse(value)
    except ValueError as error:
        raise PydanticCustomError("bad_number", "{why}", {"why": str(error)}) from None


def _at_least_0(number: int) -> int:
    if number < 0:
        raise PydanticCustomError("negative", "must not be less than 0")
    return number


def _number_or(*words: str) -> BeforeValidator:
    def read(value: object) -> int | str:
        if isinstance(value, str) and value in words:
            return value
        try:
            return parse_quantity(value)
        except ValueError:
            known = " or ".join(words)
            raise PydanticCustomError(
                "bad_number", "{why}",
                {"why": f"{shortened(value)!r} is neither a number with at most 11 digits before "
                        f"the point and 4 after it, nor {known}"},
            ) from None

    return BeforeValidator(read)


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return parse_moment(value)
        except ValueError as error:
            raise PydanticCustomError("bad_moment", "{why}", {"why": str(error)}) from None
    raise PydanticCustomError("bad_moment", "must be a moment in ISO 8601, written as text")


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("bad_date", "must be a date in ISO 8601, such as 2026-03-01")


def _quantity_as_number(value: Any) -> Any:
    return to_number(value) if isinstance(value, int) else value


def _composed_id(written: object) -> object:
    if not isinstance(written, str) or written.isascii():    # as nearly all of them are written
        return written
    return composed(written) if len(written) <= MAX_WRITTEN else written


Key = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_ID, pattern=ID_PATTERN),
    BeforeValidator(_composed_id),
]
"""An id: 1 to 128 characters, none invisible, no white space at an end; in composed form (NFC)."""

VendorName = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_ID, pattern=VENDOR_PATTERN),
    BeforeValidator(_composed_id),
]
"""The name of a vendor, by which it is known: an id that other systems may have garbled."""

AttributeName = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=NO_CONTROL_CHARACTER)
]
"""What a free attribute is called: 1 to 128 characters, no control characters."""

Text = Annotated[
    str, StringConstraints(min_length=1, max_length=1000), BeforeValidator(_storable_text)
]
"""A name or a reason: up to 1,000 characters."""

def _attribute(value: object) -> str | int | float | bool:
    if isinstance(value, str):
        if not 0 < len(value) <= 1000:
            raise PydanticCustomError("bad_length", "must have 1 to 1,000 characters")
        return cast(str, _storable_text(value))
    if isinstance(value, int) and abs(value) <= MOST_EXACT:
        return value
    if isinstance(value, (Decimal, float)):
        written = _as_decimal(str(value))
        if written.is_finite() and len(written.as_tuple().digits) <= 15 and (
            -15 <= written.adjusted() < 15
        ):
            return int(written) if written == written.to_integral_value() else float(written)
    raise PydanticCustomError(
        "bad_attribute", "must be text, true, false, or a number with at most 15 digits"
    )


def _as_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:             # an exponent that no number has
        return Decimal("NaN")


MOST_EXACT = 10**15 - 1
"""The largest whole number that every reader of JSON takes as it is written."""

Attribute = Annotated[
    str | int | float | bool, PlainValidator(_attribute),
    WithJsonSchema({
        "anyOf": [
            {"type": "string", "minLength": 1, "maxLength": 1000},
            {"type": "number", "minimum": -MOST_EXACT, "maximum": MOST_EXACT},
            {"type": "boolean"},
        ]
    }),
]
"""The value of a free attribute: a text, a number or a boolean."""

_AS_NUMBER = (PlainSerializer(to_number), WithJsonSchema(NUMBER_SCHEMA))

Quantity = Annotated[int, BeforeValidator(_positive), *_AS_NUMBER]
"""More than nothing, as a JSON number or a decimal string; ten-thousandths inside."""

Counted = Annotated[int, BeforeValidator(_not_negative), *_AS_NUMBER]
"""Nothing or more."""

Delta = Annotated[int, BeforeValidator(_number), *_AS_NUMBER]
"""More or less than nothing."""

Price = Annotated[
    int, BeforeValidator(_price), PlainSerializer(to_decimal_string), WithJsonSchema(NUMBER_SCHEMA)
]
"""A price per unit with up to 4 decimals; hundred-millionths inside."""

_OR_SCHEMA = {"anyOf": [*NUMBER_SCHEMA["anyOf"], {"enum": ["inherit"]}]}
_RULE_SCHEMA = {"anyOf": [*NUMBER_SCHEMA["anyOf"], {"enum": ["off", "inherit"]}]}

ThresholdValue = Annotated[
    int | Literal["inherit"], _number_or("inherit"),
    PlainSerializer(_quantity_as_number), WithJsonSchema(_OR_SCHEMA),
]
"""A threshold, or ``inherit`` to remove the level's value."""

RuleValue = Annotated[
    int | Literal["off", "inherit"], _number_or("off", "inherit"),
    PlainSerializer(_quantity_as_number), WithJsonSchema(_RULE_SCHEMA),
]
"""A quantity rule, ``off`` to switch it off, or ``inherit`` to remove the level's value."""

Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A moment in ISO 8601; without an offset it is UTC."""

Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})
]
"""A date in ISO 8601."""

LineNumber = Annotated[int, Field(ge=1, le=1_000_000)]
"""The number of an order line: 1, 2, 3 and so on."""

MOST_POSITION = 2**63 - 1
"""The last position or version that every database can hold."""

LogPosition = Annotated[int, Field(ge=0, le=MOST_POSITION)]
"""A position in the log, or the version of an aggregate."""

MAX_LINES = 10_000
"""Lines that one order may have."""

__all__ = [
    "MAX_LINES", "MONEY_SCALE", "MOST_POSITION", "Attribute", "AttributeName", "Counted", "Day",
    "Delta", "Key", "LineNumber", "LogPosition", "Moment", "Price", "Quantity", "RuleValue", "Text",
    "ThresholdValue", "VendorName",
]
