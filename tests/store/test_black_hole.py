"""A network that swallows everything without a word: answered within seconds, nothing twice."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from tests.interfaces.api.serving import served
from tests.interfaces.terminal import Terminal
from tests.store.faults import Proxy, await_quiet
from tests.store.shop import (
    assert_log_is_sound,
    events_of,
    numbered,
    order,
    send,
    sold,
    statuses,
    stocked,
)

FAR_BELOW_A_MINUTE = 30.0
"""Seconds in which it is surely answered that promises ten, however busy this machine is."""


@pytest.fixture
def ledger(proxy: Proxy, postgres_url: str) -> Iterator[Ledger]:
    """Return a shop with two units, whose server is reached through the proxy."""
    with open_ledger(proxy.url(postgres_url)) as ledger:
        send(ledger, stocked("TEA", quantity=2))
        yield ledger


def answered_soon(ask: Callable[[], object]) -> StorageError:
    """Ask, and give the error that comes of it within seconds."""
    began = time.monotonic()
    with pytest.raises(StorageError) as raised:
        ask()
    assert time.monotonic() - began < FAR_BELOW_A_MINUTE
    return raised.value


ORDERS = [order(name, "TEA") for name in numbered("SO", 3)]


def test_a_command_that_never_arrives_is_answered_and_goes_through_later(
    ledger: Ledger, proxy: Proxy, postgres_url: str
) -> None:
    proxy.black_hole = True
    for _ in range(2):
        error = answered_soon(lambda: send(ledger, ORDERS))
        assert error.code == "storage_failed"
        assert "safe to send the same commands again" in error.message
    proxy.black_hole = False
    assert statuses(send(ledger, ORDERS)) == ["accepted", "accepted", "rejected"]
    assert assert_log_is_sound(postgres_url) == 6


def test_a_command_whose_reply_never_comes_is_not_done_twice(
    ledger: Ledger, proxy: Proxy, postgres_url: str
) -> None:
    proxy.fault = "swallow all replies"
    answered_soon(lambda: send(ledger, ORDERS))
    assert proxy.black_hole
    await_quiet(postgres_url)
    recorded = events_of(postgres_url)
    assert len(recorded) == 6
    proxy.fault, proxy.black_hole = "none", False
    assert statuses(send(ledger, ORDERS)) == ["duplicate", "duplicate", "rejected"]
    assert events_of(postgres_url) == recorded
    assert sold(ledger, "TEA") == 2
    assert statuses(send(ledger, stocked("MILK", quantity=1))) == ["accepted"] * 2
    assert_log_is_sound(postgres_url)


def test_questions_are_answered_too(ledger: Ledger, proxy: Proxy) -> None:
    proxy.black_hole = True
    answered_soon(ledger.head)
    answered_soon(lambda: ledger.aggregate("stock/TEA"))
    proxy.black_hole = False
    assert ledger.head().position == 2


def test_the_command_line_ends_with_five(
    proxy: Proxy, postgres_url: str, ledger: Ledger, tmp_path: Path
) -> None:
    proxy.black_hole = True
    terminal = Terminal(tmp_path / "unused.db")
    terminal.url = proxy.url(postgres_url)
    began = time.monotonic()
    for words in (["receive-stock", "--sku", "TEA", "--quantity", "1"], ["stock", "TEA"]):
        answer = terminal.run(*words)
        assert (answer.status, answer.out) == (5, "")
        assert "storage_failed" in answer.err
    assert time.monotonic() - began < 2 * FAR_BELOW_A_MINUTE


def test_a_statement_that_takes_its_time_is_waited_for(ledger: Ledger, postgres_url: str) -> None:
    with ledger.datastore.reading_models() as cursor:
        cursor.execute("SELECT pg_sleep(6), 42 AS answer")
        assert cursor.fetchall()[0]["answer"] == 42


def test_callers_over_http_are_told_to_come_again_and_served_when_the_network_is_back(
    ledger: Ledger, proxy: Proxy, postgres_url: str
) -> None:
    with served(proxy.url(postgres_url)) as api:
        api.accept("receive-stock", sku="TEA", quantity=1)
        proxy.fault = "swallow all replies"
        body = {"sku": "TEA", "quantity": 1}

        def receive(number: int) -> tuple[int, str, float]:
            began = time.monotonic()
            answer = api.client.post(
                "/commands/receive-stock", json=body, timeout=90,
                headers={"Idempotency-Key": f"R-{number}"},
            )
            return answer.status_code, answer.json().get("code", ""), time.monotonic() - began

        def come_again(number: int) -> int:
            limit = time.monotonic() + FAR_BELOW_A_MINUTE
            while (status := receive(number)[0]) == 503 and time.monotonic() < limit:
                time.sleep(0.1)              # a connection that was struck before may still be used
            return status

        with ThreadPoolExecutor(8) as callers:
            answers = list(callers.map(receive, range(8)))
        assert [(status, code) for status, code, _ in answers] == [(503, "storage_failed")] * 8
        assert max(seconds for *_, seconds in answers) < FAR_BELOW_A_MINUTE
        proxy.fault, proxy.black_hole = "none", False
        with ThreadPoolExecutor(8) as callers:
            assert set(callers.map(come_again, range(8))) <= {200, 201}
        assert api.ask("/stock/TEA")["supply"] == 2 + 1 + 8
    assert_log_is_sound(postgres_url)
