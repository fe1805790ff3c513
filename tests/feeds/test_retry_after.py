"""``Retry-After``: what no receiver can mean counts as absent, and every attempt is recorded."""

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as any_of

from stocktrail.feeds.webhooks.back_off import LONGEST_WAIT_SECONDS, retry_after
from stocktrail.feeds.webhooks.questions import deliveries
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import NOON, given
from tests.feeds.receiver import always, receiving
from tests.feeds.webhook_scenes import SECOND, Desk, registered

ABSURD = [
    "", " ", "-1", "+5", "1.5", "1e3", "0x10", "٣", "\uff11\uff12", "²", "120, 130", "9" * 30,
    "120 seconds", "9" * 5000, "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359",
    "Thu, 01 Jan 99999999999999999999 00:00:00 GMT", "Thu, 99 Foo 2026 99:99:99 GMT",
    "Thu, 01 Jan 2026 00:00:00 +99999999999999", "Sun Nov", "GMT", "\xa0120", "0000-00-00",
]


@pytest.mark.parametrize("said", ABSURD)
def test_what_is_no_usable_date_or_number_counts_as_absent(said: str) -> None:
    assert retry_after(said, NOON) is None


@pytest.mark.parametrize(("said", "seconds"), [
    ("0", 0), ("120", 120), (" 120 ", 120), ("000120", 120), ("00000000000000000000120", 120),
    ("86400", 86_400), ("86401", LONGEST_WAIT_SECONDS), ("604800", LONGEST_WAIT_SECONDS),
])
def test_a_number_of_seconds_is_waited_a_day_at_most(said: str, seconds: int) -> None:
    assert retry_after(said, NOON) == seconds * SECOND


@for_any(any_of.text() | any_of.from_regex(
    r"\w{0,3},? ?\d{0,30} (Jan|Dec|Foo) -?\d{0,30} \d{0,20}:\d{0,5}:\d{0,5} (GMT|[+-]\d{0,20})"
))
def test_nothing_that_it_says_is_an_error(said: str) -> None:
    wait = retry_after(said, NOON)
    assert wait is None or 0 <= wait <= LONGEST_WAIT_SECONDS * SECOND


@pytest.mark.parametrize("said", [
    "Thu, 01 Jan 99999999999999999999 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "9" * 5000,
])
@pytest.mark.parametrize("status", [429, 503, 200])
def test_an_attempt_is_recorded_and_waits_as_if_nothing_had_been_said(
    ledger: Ledger, said: str, status: int
) -> None:
    with receiving() as receiver:
        receiver.answering = always(status, Retry_After=said)
        desk = Desk(ledger)
        given(ledger, *registered("A"))
        desk.create(receiver.url, types=["ProductRegistered"])
        desk.deliver()
        desk.deliver(after=4 * SECOND)
        assert [row["status"] for row in deliveries(ledger, "shop")["rows"]] == [status]
        desk.deliver(after=SECOND)
        assert len(receiver.messages) == (1 if status == 200 else 2)
