"""Quantities, money, prices and days: written exactly, and read back as they were.

A command takes a number as text or as a number of JSON. Whatever is taken must come back from its
canonical form, from an event and from a text for people as the very same count.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from fuzzing.oracle import outcome_of, require
from stocktrail.commands.fields import Counted, Day, Delta, Price, Quantity, RuleValue
from stocktrail.commands.scripts.strict_json import BadJson, parse_json
from stocktrail.ledger.money import MONEY_SCALE, from_decimal_string, to_decimal_string
from stocktrail.ledger.quantity import (
    LIMIT,
    SCALE,
    from_number,
    parse_quantity,
    to_number,
    to_text,
)

WORDS = (
    b"-", b".", b"0.0001", b"99999999999.9999", b"e5", b"E-4", b"-0", b"1e400", b"NaN", b"null",
    b"true", b"inherit", b"off", b"2026-03-01", b"9999-12-31", b"\xd9\xa1", b"\xc2\xb2", b"_",
)
MOST_BYTES = 64

_KINDS: tuple[Any, ...] = (Quantity, Counted, Delta, Price, RuleValue, Day)
_FIELDS = tuple(TypeAdapter[Any](kind) for kind in _KINDS)


def target(data: bytes) -> None:
    """Read a text as every kind of number, as it is and as JSON has it."""
    text = data.decode("utf-8", "surrogateescape")
    found, quantity = outcome_of(lambda: parse_quantity(text), ValueError)
    if found == "result":
        _require_exact(quantity, Decimal(text))
    for written in (text, _value_of(text)):
        for field in _FIELDS:
            _require_canonical(field, written)


def _require_exact(quantity: int, number: Decimal) -> None:
    require(Decimal(quantity) == number * SCALE, "a quantity is exact", quantity, number)
    require(abs(quantity) < LIMIT, "a quantity has at most 11 digits", quantity)
    require(parse_quantity(to_text(quantity)) == quantity, "read back from text", quantity)
    stored = msgspec.json.decode(msgspec.json.encode(to_number(quantity)))
    require(from_number(stored) == quantity, "read back from an event", quantity, stored)
    for amount in (quantity * SCALE, quantity):
        shown = to_decimal_string(amount)
        require(from_decimal_string(shown) == amount, "money is read back", amount, shown)
        require(Decimal(shown) * MONEY_SCALE == amount, "money is exact", amount, shown)


def _value_of(text: str) -> object:
    try:
        return parse_json(text)
    except BadJson:
        return None


def _require_canonical(field: TypeAdapter[Any], written: object) -> None:
    try:
        value = field.validate_python(written)
    except ValidationError as error:
        require(bool(error.errors(include_url=False)), "an error says what is wrong")
        return
    kept = field.dump_json(value)
    again = field.validate_python(parse_json(kept.decode()))
    require(again == value and type(again) is type(value), "read back as it is kept", value, kept)
    require(field.dump_json(again) == kept, "kept in one form", kept)


def seeds() -> Iterator[bytes]:
    """Yield numbers and days at the ends of what is taken."""
    yield from (
        b"5", b"-5.5", b"0.0001", b"99999999999.9999", b"100000000000", b'"5.50"', b"1e0", b"-0.0",
        b"2026-03-01", b'"0001-01-01"', b"inherit", b'"off"',
    )
