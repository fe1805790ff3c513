"""Questions that nobody waits for: they stop at their next check, and free their thread."""

import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from stocktrail.ledger.store.time_limit import OutOfTime, seconds_left
from stocktrail.projections import ReadModels
from stocktrail.projections.questions import stock as stock_report
from tests.interfaces.api.serving import Served, served

PATIENCE = 20.0


class Blocking:
    """A question that goes on until it is told to stop; it says what has become of it."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun = Event()
        self.stopped = Event()
        self.released = Event()

    def __call__(self, models: ReadModels, *_: Any) -> dict[str, Any]:
        self.asked += 1
        self.begun.set()
        try:
            while not self.released.wait(0.01):
                seconds_left()                       # what every read checks
        except OutOfTime:
            self.stopped.set()
            raise
        raise AssertionError("it was released")


@pytest.fixture
def shop(database_url: str) -> Iterator[Served]:
    """Return a service that is patient with questions, and not with who waits for a turn."""
    with served(
        database_url, question_seconds=60.0, busy_seconds=0.4, question_threads=1
    ) as running:
        running.accept("register-product", sku="WIDGET")
        running.service.models.catch_up()
        yield running


@pytest.fixture
def blocking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Blocking]:
    """Have the stock of any item asked for without an end."""
    question = Blocking()
    with monkeypatch.context() as patched:
        patched.setattr(stock_report, "stock", question)
        yield question
    question.released.set()


@pytest.mark.parametrize("moment", ["", "?as_of=1"])
def test_whoever_is_told_that_all_are_busy_leaves_no_question_behind(
    shop: Served, blocking: Blocking, moment: str
) -> None:
    answer = shop.client.get(f"/stock/WIDGET{moment}")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert blocking.stopped.wait(PATIENCE), "it went on after its 503"
    assert shop.client.get(f"/stock{moment}").status_code == 200, "its thread is held"


@pytest.mark.parametrize("moment", ["", "?as_of=1"])
def test_the_question_of_a_client_that_has_gone_stops(
    database_url: str, blocking: Blocking, moment: str
) -> None:
    with served(database_url, question_seconds=60.0, question_threads=1) as shop:
        shop.accept("register-product", sku="WIDGET")
        url = shop.client.base_url
        with socket.create_connection((url.host, url.port or 80)) as client:
            asked = f"GET /stock/WIDGET{moment} HTTP/1.1\r\nHost: {url.host}\r\n\r\n"
            client.sendall(asked.encode())
            assert blocking.begun.wait(PATIENCE)
        assert blocking.stopped.wait(PATIENCE), "it went on without its client"
        assert blocking.asked == 1
        assert shop.client.get(f"/stock{moment}").status_code == 200


def test_questions_about_the_past_and_about_now_do_not_wait_for_each_other(
    shop: Served, blocking: Blocking
) -> None:
    for asked, other in (("?as_of=1", ""), ("", "?as_of=1")):
        blocking.begun.clear()
        url = shop.client.base_url
        with socket.create_connection((url.host, url.port or 80)) as client:
            client.sendall(
                f"GET /stock/WIDGET{asked} HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode()
            )
            assert blocking.begun.wait(PATIENCE)
            assert shop.client.get(f"/stock{other}").status_code == 200
