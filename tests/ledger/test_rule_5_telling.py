"""Rule 5.10, telling: what a customer was told of the lines of an order that are still to come."""

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.orders.events import CustomerTold, LineTold
from tests.ledger.facts import DAY
from tests.ledger.order_facts import line_placed, order_cancelled, order_placed, order_shipped
from tests.scenes import ORDER, SKU, Scene, given


def two_lines(*more: Event) -> Scene:
    """Begin with an order of two lines."""
    return given(order_placed(line_placed(1, 4), line_placed(2, 5)), *more)


def test_a_telling_names_each_line_with_what_was_said_of_it() -> None:
    told = two_lines().when(lambda at: at.order.tell({1: DAY, 2: "none"}, "phone", "will wait"))
    (event,) = told.events
    assert event == CustomerTold(
        order=ORDER, how="phone", note="will wait", lines=(
            LineTold(line=1, sku=SKU, told_date=DAY), LineTold(line=2, sku=SKU, nobody_knows=True),
        ),
    )
    assert f"on {DAY}" in event.sentence
    assert "nobody knows yet when" in event.sentence
    told.then_something()


def test_without_lines_all_of_which_any_is_to_come_are_told_as_promised() -> None:
    scene = two_lines(order_shipped((1, 4)))
    told = scene.when(lambda at: at.order.tell(None, "letter", None))
    told.then(CustomerTold(order=ORDER, how="letter", lines=(LineTold(line=2, sku=SKU),)))
    assert "as promised" in told.events[0].sentence


def test_of_what_is_gone_nobody_can_be_told() -> None:
    shipped = two_lines(order_shipped((1, 4)))
    shipped.when(lambda at: at.order.tell({1: None}, "phone", None)).then_refused(
        "nothing_to_tell", order=ORDER, line=1
    )
    gone = two_lines(order_cancelled((1, 4), (2, 5), status="cancelled"))
    gone.when(lambda at: at.order.tell(None, "other", None)).then_refused("nothing_to_tell")
