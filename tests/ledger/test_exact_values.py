"""Rule 1.1. Quantities, money and moments are exact, and judged on the text as it was written."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec.json import schema_components

from stocktrail.ledger.base.event import Fact
from stocktrail.ledger.instant import Instant, day_of, end_of_day, parse_moment, to_instant, to_iso
from stocktrail.ledger.money import Money, from_decimal_string, parse_price, to_decimal_string
from stocktrail.ledger.quantity import (
    LIMIT,
    Quantity,
    from_number,
    is_whole,
    parse_quantity,
    shortened,
    to_number,
    to_text,
)

QUANTITIES = st.integers(1 - LIMIT, LIMIT - 1)
AMOUNTS = st.integers(-(10**30), 10**30)


class Kept(Fact):
    """One of each."""

    quantity: Quantity = 0
    money: Money | None = None
    instant: Instant | None = None


@for_all(QUANTITIES)
def test_a_quantity_survives_text_number_and_json(quantity: int) -> None:
    assert parse_quantity(to_text(quantity)) == quantity
    assert parse_quantity(Decimal(to_text(quantity))) == quantity
    assert from_number(to_number(quantity)) == quantity
    assert Kept.from_json(Kept(quantity=quantity).to_json()).quantity == quantity
    assert is_whole(quantity) == isinstance(to_number(quantity), int)


@pytest.mark.parametrize(
    ("written", "quantity"),
    [
        ("0", 0),
        ("-0.5", -5_000),
        ("99999999999.9999", LIMIT - 1),
        (99_999_999_999, LIMIT - 10_000),
        (Decimal("1.50"), 15_000),
    ],
)
def test_a_quantity_is_read_as_written(written: object, quantity: int) -> None:
    assert parse_quantity(written) == quantity


@pytest.mark.parametrize(
    "written",
    [
        "1.00000",
        "1.00000000000000000001",
        "100000000000",
        100_000_000_000,
        -100_000_000_000,
        10**30,
        "1e3",
        Decimal("1E+2"),
        Decimal("NaN"),
        "Infinity",
        "",
        " 1",
        "1.",
        ".5",
        "+1",
        "1,5",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "9" * 5_000,
        True,
        1.5,
        None,
        [],
    ],
)
def test_what_is_not_written_as_a_quantity_is_refused_in_a_short_sentence(written: object) -> None:
    with pytest.raises(ValueError, match="digits before the point") as refused:
        parse_quantity(written)
    assert len(str(refused.value)) < 200


def test_a_quantity_is_described_to_programs() -> None:
    _, parts = schema_components((Kept,))
    kept = parts["Kept"]["properties"]
    assert kept["quantity"]["type"] == "number"
    assert {"type": "string", "pattern": r"^-?\d+\.\d{2,8}$"} in kept["money"]["anyOf"]
    assert {"type": "string", "format": "date-time"} in kept["instant"]["anyOf"]


def test_what_fits_into_a_sentence_is_not_cut() -> None:
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 60 + "..."


@for_all(AMOUNTS)
def test_an_amount_survives_its_decimal_string_and_json(amount: int) -> None:
    assert from_decimal_string(to_decimal_string(amount)) == amount
    assert Kept.from_json(Kept(money=amount).to_json()).money == amount


@for_all(QUANTITIES, QUANTITIES, QUANTITIES)
def test_the_amounts_of_parts_add_up_to_the_whole(price: int, one: int, other: int) -> None:
    captured = parse_price(to_text(price))
    whole = (one + other) * captured
    assert one * captured + other * captured == whole
    assert whole % 10_000 == 0


@for_all(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_survives_its_text(moment: datetime) -> None:
    instant = to_instant(moment)
    assert parse_moment(to_iso(instant)) == moment
    assert day_of(instant) == moment.date()
    assert instant <= end_of_day(moment.date())
    assert to_iso(instant).endswith("Z")
    assert Kept.from_json(Kept(instant=instant).to_json()).instant == instant


@for_all(st.datetimes(), st.integers(1, 10**9))
def test_instants_are_ordered_like_their_texts(moment: datetime, later: int) -> None:
    instant = to_instant(moment)
    if instant + later <= to_instant(datetime.max):
        assert to_iso(instant) < to_iso(instant + later)


def test_a_moment_elsewhere_is_the_same_instant() -> None:
    here = datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=1)))
    assert parse_moment("2026-03-01T10:00:00+01:00") == here
    assert to_iso(to_instant(here)) == "2026-03-01T09:00:00.000000Z"
    assert parse_moment("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert parse_moment("2026-03-01t09:00:00z") == here, "small letters are as good in RFC 3339"


@pytest.mark.parametrize(
    "written", ["", "yesterday", "2026-02-30", "0001-01-01T00:00:00+14:00", "x" * 5_000]
)
def test_what_is_no_moment_is_refused_in_a_short_sentence(written: str) -> None:
    with pytest.raises(ValueError, match="is not a moment in ISO 8601") as refused:
        parse_moment(written)
    assert len(str(refused.value)) < 200


def test_the_end_of_a_day_is_its_last_microsecond() -> None:
    day = date(2026, 3, 1)
    assert day_of(end_of_day(day)) == day
    assert day_of(end_of_day(day) + 1) == date(2026, 3, 2)
