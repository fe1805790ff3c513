"""Shopify's export of orders: what is said of an order stands on its first row alone."""

from collections.abc import Iterator

import pytest

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.ledger.store.in_memory import open_in_memory
from tests.interfaces.importing.orders.order_desk import OrderDesk, places, said

HEADER = (
    "Name,Email,Financial Status,Fulfillment Status,Currency,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem sku,Lineitem requires shipping,"
    "Lineitem fulfillment status,Billing Name,Cancelled at,Refunded Amount\n"
)


def first(
    name: str, quantity: int, sku: str, *, line: str = "pending", paid: str = "paid",
    shipped: str = "unfulfilled", email: str = "ada@analytical.example", day: int = 20,
    cancelled: str = "", refunded: str = "0.00",
) -> str:
    """Return the first row of an order, on which all stands that is said of it."""
    return (
        f"{name},{email},{paid},{shipped},EUR,2026-11-{day} 10:00:00 -0500,{quantity},{sku} x,9.90,"
        f"{sku},true,{line},Ada,{cancelled},{refunded}\n"
    )


def further(
    name: str, quantity: int, sku: str, *, line: str = "pending", ships: str = "true"
) -> str:
    """Return another row of an order, on which only the line stands."""
    return f"{name},ada@analytical.example,,,,,{quantity},{sku} x,9.90,{sku},{ships},{line},,,\n"


NEWEST_FIRST = HEADER + "".join((
    first("#1006", 2, "BULB"),
    first("#1005", 4, "LAMP", line="fulfilled", shipped="partial", day=19),
    further("#1005", 3, "BULB"),
    first("#1004", 2, "BULB", paid="refunded", day=18, refunded="10.00"),
    first("#1003", 2, "BULB", day=18, cancelled="2026-11-18 10:00:00 -0500"),
    first("#1001", 5, "LAMP", line="fulfilled", shipped="fulfilled", day=16),
))


@pytest.fixture
def desk() -> Iterator[OrderDesk]:
    """Return a desk whose ledger is kept in memory."""
    with open_in_memory() as ledger:
        yield OrderDesk(ledger)


def test_what_is_open_is_placed_the_oldest_first_and_all_else_is_closed(desk: OrderDesk) -> None:
    found = desk.sales(NEWEST_FIRST)
    assert found.called == "Shopify's orders"
    assert list(places(found).items()) == [("#1005", "3 of BULB"), ("#1006", "2 of BULB")]
    assert found.closed == {"refunded": 1, "cancelled": 1, "fulfilled": 1}
    outcome = desk.record(found, skip_refused=True)
    assert [each.planned.subject for each in outcome.refused] == ["#1006"], "the 3 bulbs are gone"
    assert desk.order("#1005") == {2: ("BULB", 3)}, "a line keeps its place in the order"


def test_a_line_shipped_in_part_is_not_guessed_and_may_be_said(desk: OrderDesk) -> None:
    part = HEADER + first("#7", 5, "LAMP", line="partial", shipped="partial")
    found = desk.sales(part)
    assert said(found.findings.errors) == {"shipped_in_part": [2]}
    assert not places(found)
    mended = "\n".join(
        f"{row},{'Still open' if not at else 2}" for at, row in enumerate(part.splitlines())
    )
    assert places(desk.sales(mended, maps=("Still open=remaining",))) == {"#7": "2 of LAMP"}


def test_lines_that_no_ledger_counts_are_left_out_and_said(desk: OrderDesk) -> None:
    found = desk.sales(
        HEADER + first("#8", 1, "LAMP", paid="partially_refunded", refunded="4.50")
        + further("#8", 1, "GIFT", ships="false") + further("#8", 1, "")
    )
    assert places(found) == {"#8": "1 of LAMP"}
    assert said(found.findings.notes) == {
        "needs_no_shipping": [3], "no_sku": [4], "in_doubt": [2],
    }


def test_an_item_that_nobody_registered_keeps_its_order_back(desk: OrderDesk) -> None:
    found = desk.sales(
        HEADER + first("#9", 1, "LAMP") + further("#9", 1, "VASE")
        + first("#10", 1, "VASE", line="fulfilled", shipped="fulfilled")
    )
    assert said(found.findings.errors) == {"unknown_sku": [3]}
    assert not places(found)
    assert found.closed == {"fulfilled": 1}, "of what is closed no item needs to be known"


def test_a_status_that_nobody_knows_is_asked_for(desk: OrderDesk) -> None:
    rows = HEADER + first("#9", 1, "LAMP", line="", shipped="at the tailor")
    error, = desk.sales(rows).findings.errors
    assert '--open-status "at the tailor"' in error.sentence
    assert places(desk.sales(rows, opened=("At the tailor",))) == {"#9": "1 of LAMP"}
    assert desk.sales(rows, closed=("At the tailor",)).closed == {"at the tailor": 1}


def test_a_file_of_another_system_is_told_apart(desk: OrderDesk) -> None:
    with pytest.raises(BadFile, match="--format shopify"):
        desk.sales(NEWEST_FIRST, format="magento")
    with pytest.raises(BadFile, match="names no items"):
        desk.sales("ID,Purchase Date,Status\n1,2026-11-01,processing\n",
                   format="magento", maps=("ID=order",))


def test_who_ordered_is_sealed_under_an_id_that_tells_nobody(desk: OrderDesk) -> None:
    desk.record(desk.sales(NEWEST_FIRST), skip_refused=True)
    log = b"".join(event.payload.to_json() for event in desk.ledger.read(0, 1000))
    assert b"analytical" not in log
    assert b"Ada" not in log
