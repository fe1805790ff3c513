"""Rule 2.6: what the storefront says: one function, in the order of rule 2.1."""

import pytest

from stocktrail.ledger.base.event import Event
from tests.ledger.facts import (
    Number,
    backorders_set,
    managed,
    received,
    registered,
    reserved,
    status_set,
    threshold_set,
)
from tests.scenes import given

FEW = threshold_set("only_x_left", 5)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([received(3), FEW], "Only 3 left"),
        ([received(5), FEW], "Only 5 left"),
        ([received(4.5), FEW], "Only 4.5 left"),
        ([received(6), FEW], "In Stock"),
        ([received(3)], "In Stock"),
        ([received(3), threshold_set("only_x_left", 0)], "In Stock"),
        ([received(0), FEW], "Out of Stock"),
        ([received(3), FEW, status_set("out_of_stock")], "Out of Stock"),
        ([received(0), managed("off")], "In Stock"),
        ([received(3), FEW, managed("off")], "In Stock"),
        ([received(3), status_set("out_of_stock"), managed("off")], "In Stock"),
        ([managed("off")], "In Stock"),
        ([received(3), FEW, backorders_set("allow")], "In Stock"),
        ([received(0), backorders_set("allow")], "In Stock"),
        ([received(0), backorders_set("allow_and_notify")], "Available on backorder"),
        ([received(1), backorders_set("allow_and_notify")], "In Stock"),
    ],
)
def test_the_message_of_an_item(events: list[Event], message: str) -> None:
    assert given(registered(decimal=True), *events).judged().message == message


@pytest.mark.parametrize(
    ("sold", "message"),
    [
        (0, "In Stock"),
        (9, "In Stock"),
        (9.5, "Available on backorder"),
        (10, "Available on backorder"),
        (54, "Available on backorder"),
        (55, "Only 5 left"),
        (60, "Out of Stock"),
    ],
)
def test_the_message_as_a_limited_allowance_is_used_up(sold: Number, message: str) -> None:
    shop = given(
        registered(decimal=True),
        received(10),
        FEW,
        backorders_set("allow_and_notify"),
        threshold_set("out_of_stock", -50),
    )
    if sold:
        shop.happen(reserved("SO-1", sold, waits_for=max(sold - 10, 0)))
    assert shop.judged().message == message
