"""The library's subscription to a log in PostgreSQL misses nothing, whatever is not notified."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.utils import Environment

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.commit_listener import CommitListener
from stocktrail.ledger.store.postgres import subscription
from stocktrail.ledger.store.postgres.connection import LedgerConnection
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.recorder import PostgresFactory
from tests.postgres_server import PostgresServer, Standby
from tests.store.shop import send, stocked
from tests.store.test_library_cases import library_environment
from tests.waiting import wait_until


@pytest.fixture
def factory(postgres_url: str) -> Iterator[PostgresFactory]:
    """Open a schema as the library does."""
    factory = PostgresFactory(Environment("library", library_environment(postgres_url)))
    yield factory
    factory.close()


def an_event() -> StoredEvent:
    """Return an event of a stream of its own."""
    return StoredEvent(f"test/{uuid4()}", 1, "topic", b"state")


def test_what_is_recorded_before_it_listens_is_received(
    factory: PostgresFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection of the listener is slow: on a busy machine it took longer than an append."""
    recorder = factory.application_recorder()
    has_read, may_listen = Event(), Event()
    read = recorder.select_notifications
    connect = PostgresLedgerDatastore.get_connection

    def read_and_say(*given: Any, **named: Any) -> Any:
        found = read(*given, **named)
        has_read.set()
        return found

    @contextmanager
    def connect_late(datastore: PostgresLedgerDatastore) -> Iterator[LedgerConnection]:
        if current_thread().name.endswith("(_listen)"):
            may_listen.wait(30)
        with connect(datastore) as connection:
            yield connection

    monkeypatch.setattr(recorder, "select_notifications", read_and_say)
    monkeypatch.setattr(PostgresLedgerDatastore, "get_connection", connect_late)
    with recorder.subscribe(gt=0) as received:
        assert has_read.wait(30), "it has read the log, which is empty"
        event = an_event()
        recorder.insert_events([event])
        may_listen.set()
        assert next(received).originator_id == event.originator_id


def test_what_is_not_notified_is_received(
    factory: PostgresFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = factory.application_recorder()
    notifies = LedgerConnection.notifies
    monkeypatch.setattr(
        LedgerConnection, "notifies", lambda *given, **named: list(notifies(*given, **named))[:0]
    )
    with recorder.subscribe(gt=0) as received:
        for event in (an_event(), an_event(), an_event()):
            recorder.insert_events([event])
            assert next(received).originator_id == event.originator_id


def test_what_a_process_recorder_appends_is_notified(
    factory: PostgresFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = factory.process_recorder()
    monkeypatch.setattr(subscription, "POLL_SECONDS", 1e6)
    listens = Event()
    notifies = LedgerConnection.notifies

    def listen_and_say(*given: Any, **named: Any) -> Any:
        listens.set()
        return notifies(*given, **named)

    monkeypatch.setattr(LedgerConnection, "notifies", listen_and_say)
    with recorder.subscribe(gt=0) as received:
        assert listens.wait(30)
        event = an_event()
        recorder.insert_events([event], tracking=Tracking("upstream", 1))
        assert next(received).originator_id == event.originator_id


def test_a_listener_on_a_standby_hears_commits_when_it_has_become_the_primary(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "stocktrail.ledger.store.commit_listener.{}_SECONDS"
    monkeypatch.setattr(module.format("STANDBY"), 0.2)
    monkeypatch.setattr(module.format("RETRY"), 1e6)
    heard: list[int] = []
    with PostgresServer() as primary, Standby(primary) as standby:
        with open_ledger(primary.url("shop")) as ledger:
            send(ledger, stocked("TEA"))
            head = ledger.head()
        wait_until(lambda: has_come_to(standby, head.position), "the standby has it all")
        with open_ledger(standby.url("shop"), read_only=True) as replica:
            listener = CommitListener(replica, heard.append)
            standby.promote()
            with open_ledger(standby.url("shop")) as ledger:
                wait_until(lambda: is_heard(ledger, heard), "a commit is heard")
            listener.close()


def has_come_to(standby: Standby, position: int) -> bool:
    """Return whether a standby has a log up to a position."""
    with standby.connect() as server:
        found = server.execute("SELECT to_regclass('shop.ledger_head')").fetchone()
        if found is None or found[0] is None:
            return False
        head = server.execute("SELECT position FROM shop.ledger_head").fetchone()
    return head is not None and head[0] == position


def is_heard(ledger: Any, heard: list[int]) -> bool:
    """Record something, and return whether its position was heard."""
    send(ledger, stocked(f"TEA-{uuid4()}"))
    return ledger.head().position in heard
