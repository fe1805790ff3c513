"""How a webhook is: in one word, with what went wrong last and how much waits."""

from typing import Any

from stocktrail.feeds.webhooks.questions import webhooks
from tests.feeds.receiver import Receiver, always
from tests.feeds.test_webhooks import failing
from tests.feeds.webhook_scenes import HOUR, SECOND, Desk


def row_of(desk: Desk) -> dict[str, Any]:
    """Return what is said of the only webhook."""
    [row] = webhooks(desk.ledger)["rows"]
    return dict(row)


def test_it_fails_recovers_and_remembers_what_went_wrong(desk: Desk, receiver: Receiver) -> None:
    assert row_of(desk)["last_failure"] is row_of(desk)["last_delivered_at"] is None
    receiver.answering = failing("stock/A", lambda handler: handler.answer(500))
    desk.stock("A", "B")
    assert row_of(desk)["health"] == "behind"
    desk.deliver()
    row = row_of(desk)
    assert (row["health"], row["last_failure"]["error"]) == ("failing", "It answered 500.")
    assert row["last_failure"] == row["failing"]
    assert row["waiting"] > 0
    receiver.answering = always(204)
    desk.deliver(after=60 * SECOND)
    after = row_of(desk)
    assert (after["health"], after["waiting"], after["failing"]) == ("keeps_up", 0, None)
    assert after["last_failure"] == row["last_failure"]
    assert after["last_delivered_at"] > row["last_failure"]["sent_at"]


def test_what_was_given_up_is_said_before_what_waits(desk: Desk, receiver: Receiver) -> None:
    receiver.answering = failing("stock/A", lambda handler: handler.answer(500))
    desk.deliver()
    while not row_of(desk)["parked"]:
        desk.deliver(after=HOUR)
    receiver.answering = always(204)
    desk.deliver(after=HOUR)
    desk.stock("B")
    row = row_of(desk)
    assert row["lag"] > 0
    assert row["health"] == "gave_up"
    assert row["last_failure"]["outcome"] == "parked"
