"""A server that is killed, a network that is cut, a reply that is lost: nobody guesses."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.command_row import NOTHING, CommandRow
from stocktrail.ledger.store.postgres import connection as postgres_connection
from stocktrail.ledger.store.postgres.append import LOCK_WAIT_MILLISECONDS
from stocktrail.ledger.store.recorder import HeadMoved
from tests.postgres_server import PostgresServer, ServerElsewhere, new_schema
from tests.store.conftest import Workers
from tests.store.faults import Proxy, await_quiet, terminate_all
from tests.store.shop import (
    assert_answers_are_recorded,
    assert_log_is_sound,
    events_of,
    numbered,
    order,
    outcomes_of,
    send,
    sold,
    statuses,
    stocked,
    timeless_outcomes_of,
)
from tests.store.test_kills import a_script, assert_sent_again_changes_nothing, opening, run_out

AT_ONCE = 400


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """Start a server that this test alone may stop."""
    with PostgresServer() as server:
        yield server


def send_until_done(url: str, sent: bytes, workers: Workers, disturb: "Disturbance") -> int:
    """Send a script again and again until it went through whole; count the attempts."""
    for attempt in range(1, 60):
        sending = workers.start(url, sent, at_once=AT_ONCE)
        disturb(sending.is_at_work)
        answers = sending.wait()
        await_quiet(url)
        assert_answers_are_recorded(url, answers)
        assert_log_is_sound(url)
        assert sending.failed is None or sending.failed["failed"] == "storage_failed", (
            sending.failed
        )
        if sending.is_done:
            return attempt
    raise AssertionError("it never went through")


class Disturbance:
    """Does something a few times while a writer is at work."""

    def __init__(self, what: Callable[[], object], times: int, seed: int) -> None:
        self._what = what
        self._left = times
        self._random = random.Random(seed)

    def __call__(self, is_at_work: Callable[[], bool]) -> None:
        """Go on until it was done often enough, or the writer has ended."""
        while self._left and is_at_work():
            time.sleep(self._random.uniform(0, 0.1))
            self._what()
            self._left -= 1


@pytest.mark.parametrize("seed", range(3))
def test_connections_that_are_cut_in_the_middle_of_commits(
    postgres_url: str, tmp_path: Path, workers: Workers, seed: int
) -> None:
    sent = a_script(random.Random(seed), "SO", with_ids=bool(seed % 2), count=150)
    with open_ledger(postgres_url) as ledger:
        send(ledger, opening())
    cut = Disturbance(lambda: terminate_all(postgres_url), 12, seed)
    send_until_done(postgres_url, sent, workers, cut)
    calm = f"sqlite:///{tmp_path / 'calm.db'}"
    run_out(calm, sent)
    assert (events_of(postgres_url), timeless_outcomes_of(postgres_url)) == (
        events_of(calm), timeless_outcomes_of(calm)
    )
    assert_sent_again_changes_nothing(postgres_url, sent)


def test_a_server_that_loses_power_and_starts_anew(
    own_server: PostgresServer, tmp_path: Path, workers: Workers
) -> None:
    url = own_server.url("shop")
    sent = a_script(random.Random(7), "SO", with_ids=False, count=150)
    with open_ledger(url) as ledger:
        send(ledger, opening())

    def lose_power() -> None:
        own_server.stop(signal.SIGQUIT)
        own_server.start()

    send_until_done(url, sent, workers, Disturbance(lose_power, 4, 7))
    calm = f"sqlite:///{tmp_path / 'calm.db'}"
    run_out(calm, sent)
    assert (events_of(url), timeless_outcomes_of(url)) == (
        events_of(calm), timeless_outcomes_of(calm)
    )
    assert_sent_again_changes_nothing(url, sent)


def test_a_writer_goes_on_in_the_same_process_after_its_server_was_started_anew(
    own_server: PostgresServer,
) -> None:
    with open_ledger(own_server.url("shop")) as ledger:
        send(ledger, stocked("TEA"))
        own_server.stop(signal.SIGQUIT)
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(send, ledger, [order("SO-1", "TEA")])
            time.sleep(0.5)
            own_server.start()                   # not in a thread: it ends with who started it
            assert statuses(sending.result()) == ["accepted"]
        assert sold(ledger, "TEA") == 1


def test_a_commit_whose_reply_is_swallowed_is_accepted(
    proxy: Proxy, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connection, "SILENCE_SECONDS", 0.5)
    with open_ledger(proxy.url(postgres_url)) as ledger:
        send(ledger, stocked("TEA", quantity=2))
        proxy.fault = "swallow replies"
        results = send(ledger, [order(name, "TEA") for name in numbered("SO", 3)])
        assert proxy.was_struck.is_set()
        assert statuses(results) == ["accepted", "accepted", "rejected"]
        assert sold(ledger, "TEA") == 2
    assert assert_log_is_sound(postgres_url) == 6


def test_a_commit_that_arrives_after_it_was_given_up_is_not_recorded(
    proxy: Proxy, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connection, "SILENCE_SECONDS", 0.5)
    orders = [order(name, "TEA") for name in numbered("SO", 3)]
    with open_ledger(proxy.url(postgres_url)) as ledger:
        send(ledger, stocked("TEA", quantity=2))
        proxy.fault = "hold back"
        with pytest.raises(StorageError) as raised:
            send(ledger, orders)
        assert raised.value.code == "storage_failed"
        before = events_of(postgres_url), outcomes_of(postgres_url)
        proxy.release.set()                      # what was on its way reaches the server now
        time.sleep(0.3)
        await_quiet(postgres_url)
        assert (events_of(postgres_url), outcomes_of(postgres_url)) == before
        assert statuses(send(ledger, orders)) == ["accepted", "accepted", "rejected"]
    assert assert_log_is_sound(postgres_url) == 6


def test_a_network_that_is_cut_keeps_no_other_writer_waiting(
    proxy: Proxy, postgres_url: str
) -> None:
    with open_ledger(postgres_url) as ledger:
        send(ledger, stocked("TEA", quantity=50))
    failed: list[str] = []

    def cut_off() -> None:
        with open_ledger(proxy.url(postgres_url)) as ledger:
            try:
                send(ledger, [order("CUT-1", "TEA")])
            except StorageError as error:
                failed.append(error.code)

    proxy.fault = "cut"
    writer = threading.Thread(target=cut_off)
    writer.start()
    assert proxy.was_struck.wait(10)
    started = time.monotonic()
    with open_ledger(postgres_url) as ledger:
        send(ledger, [order(name, "TEA") for name in numbered("SO", 40)], at_once=300)
    assert time.monotonic() - started < LOCK_WAIT_MILLISECONDS / 1000 + 2
    proxy.release.set()
    writer.join()
    assert failed == ["storage_failed"]
    assert assert_log_is_sound(postgres_url) == 2 + 80


def test_a_writer_that_stands_still_with_the_turn_is_overtaken(postgres_url: str) -> None:
    with open_ledger(postgres_url) as slow, open_ledger(postgres_url) as fast:
        send(fast, stocked("TEA", quantity=50))

        def stand_still() -> None:
            with slow.log_recorder.appending() as append:
                head, _ = append.begin([])
                started = time.monotonic()
                send(fast, [order(name, "TEA") for name in numbered("SO", 40)], at_once=300)
                assert time.monotonic() - started < LOCK_WAIT_MILLISECONDS / 1000 + 2
                append.append(head, head._replace(position=head.position + 1), [], [], [])

        with pytest.raises(HeadMoved):
            stand_still()
        assert statuses(send(slow, [order("SO-41", "TEA")])) == ["accepted"]
    assert assert_log_is_sound(postgres_url) == 2 + 82


def test_a_group_that_takes_longer_to_decide_than_others_wait_is_recorded(
    postgres_url: str
) -> None:
    is_over = threading.Event()
    with open_ledger(postgres_url) as slow:
        send(slow, stocked("TEA", quantity=9_999))

        def write_on() -> None:
            with open_ledger(postgres_url) as fast:
                for number in range(2_000):
                    if is_over.is_set():
                        return
                    send(fast, [order(f"FAST-{number}", "TEA")])

        writer = threading.Thread(target=write_on)
        writer.start()
        recorded = tries = 0
        began = time.monotonic()
        while recorded < 3:
            tries += 1
            try:
                with slow.log_recorder.appending() as append:
                    head, _ = append.begin([])
                    time.sleep(2 * LOCK_WAIT_MILLISECONDS / 1000)
                    after = head._replace(sequence=head.sequence + 1)   # no event, no later time
                    row = CommandRow(
                        after.sequence, head.position + 1, head.position, 0, head.recorded_at + 1,
                        f"SLOW-{tries}", b"f", "rejected", b"{}", b"{}", NOTHING,
                    )
                    append.append(head, after, [row], [], [])
                recorded += 1
            except HeadMoved:
                assert time.monotonic() - began < 30, "it starves"
        is_over.set()
        writer.join()
    assert_log_is_sound(postgres_url)


def test_another_ledger_in_the_same_database_knows_nothing_of_this_one(
    postgres: PostgresServer | ServerElsewhere, postgres_url: str
) -> None:
    other_url = postgres.url(new_schema("other"))
    with open_ledger(postgres_url) as ledger, open_ledger(other_url) as other:
        send(ledger, stocked("TEA"))
        assert (ledger.head().position, other.head().position) == (2, 0)
        send(other, stocked("TEA", "MILK"))
        assert ledger.outcome("register-MILK") is None
    assert (assert_log_is_sound(postgres_url), assert_log_is_sound(other_url)) == (2, 4)
