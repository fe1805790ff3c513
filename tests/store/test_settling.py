"""After an error nobody guesses: what was recorded is answered as such, the rest left no trace."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError
from eventsourcing.sqlite import SQLiteConnection

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.errors import NOT_KNOWN
from stocktrail.ledger.store.postgres.append import GroupAppend
from stocktrail.ledger.store.recorder import Append
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from tests.store.shop import (
    assert_log_is_sound,
    events_of,
    numbered,
    order,
    outcomes_of,
    send,
    sold,
    statuses,
    stocked,
)

Fault = Callable[[Callable[[], None]], None]


def lost_reply(commit: Callable[[], None]) -> None:
    """Record, and then fail all the same."""
    commit()
    raise sqlite3.OperationalError("disk I/O error")


def not_recorded(commit: Callable[[], None]) -> None:
    """Fail before anything is recorded, and leave the transaction as it is."""
    raise sqlite3.OperationalError("database is locked")


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, fault: Fault, times: int = 1) -> Iterator[list[int]]:
    """Let the next commits of this process go wrong, and count them."""
    real, really_append = SQLiteConnection.commit, GroupAppend.append
    failed: list[int] = []

    def perhaps(commit: Callable[[], None]) -> None:
        if len(failed) < times:
            failed.append(1)
            fault(commit)
        else:
            commit()

    def append(group: GroupAppend, *rows: Any) -> bool:
        recorded: list[bool] = []
        perhaps(lambda: recorded.append(really_append(group, *rows)))
        return recorded[0]

    with monkeypatch.context() as patched:
        patched.setattr(SQLiteConnection, "commit", lambda each: perhaps(lambda: real(each)))
        patched.setattr(GroupAppend, "append", append)
        yield failed


def test_a_commit_whose_reply_is_lost_is_accepted(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ledger, stocked("TEA", quantity=2))
    with failing(monkeypatch, lost_reply) as failed:
        results = send(ledger, [order(name, "TEA") for name in numbered("SO", 3)])
    assert failed == [1]
    assert statuses(results) == ["accepted", "accepted", "rejected"]
    assert [result.position for result in results] == [4, 6, 6]
    assert assert_log_is_sound(database_url) == 6
    assert statuses(send(ledger, [order("SO-1", "TEA"), order("SO-9", "TEA")])) == [
        "duplicate", "rejected",
    ]
    assert sold(ledger, "TEA") == 2


def test_a_refusal_whose_reply_is_lost_is_answered_too(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ledger, stocked("TEA", quantity=1))
    before = len(outcomes_of(database_url))
    with failing(monkeypatch, lost_reply):
        assert statuses(send(ledger, [order("SO-1", "TEA", quantity=2)])) == ["rejected"]
    assert len(outcomes_of(database_url)) == before + 1


def test_while_it_is_not_known_whether_a_commit_was_recorded_nothing_else_is_said(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ledger, stocked("TEA", quantity=2))

    def busy(_: object, ids: Sequence[str]) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched, failing(monkeypatch, lost_reply):
        patched.setattr(type(ledger.log_recorder), "settled_outcomes", busy)
        with pytest.raises(StorageError) as raised:
            send(ledger, [order("SO-1", "TEA")])
    assert raised.value.code == "storage_busy"
    assert "Nothing of this group was recorded" not in raised.value.message
    assert NOT_KNOWN in raised.value.message.lower()
    assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["duplicate"]
    assert sold(ledger, "TEA") == 1


def test_a_commit_that_was_not_recorded_is_an_error_and_the_next_one_is_right(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ledger, stocked("TEA", quantity=2))
    orders = [order(name, "TEA") for name in numbered("SO", 3)]
    with failing(monkeypatch, not_recorded):
        with pytest.raises(StorageError) as raised:
            send(ledger, orders)
        assert raised.value.code == "storage_busy"
        assert assert_log_is_sound(database_url) == 2
        assert len(ledger.writer.aggregates) == 0, "what was decided in vain is forgotten"
    assert statuses(send(ledger, orders)) == ["accepted", "accepted", "rejected"]
    assert assert_log_is_sound(database_url) == 6
    assert sold(ledger, "TEA") == 2


def test_what_another_process_recorded_meanwhile_is_not_taken_for_our_own(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ledger, stocked("TEA", quantity=5))
    orders = [order(name, "TEA") for name in numbered("SO", 3)]

    def overtaken(commit: Callable[[], None]) -> None:
        # Our transaction is lost, and the same script arrives at another process, cut shorter.
        if isinstance(ledger.datastore, SQLiteLedgerDatastore):
            for connection in list(ledger.datastore.pool._in_use.values()):
                connection.rollback()
        with open_ledger(database_url) as other:
            send(other, orders[:1])
            send(other, [order("SO-other", "TEA", quantity=4)])
        raise sqlite3.OperationalError("disk I/O error")

    with failing(monkeypatch, overtaken), pytest.raises(StorageError):
        send(ledger, orders)
    assert statuses(send(ledger, orders)) == ["duplicate", "rejected", "rejected"]
    assert_log_is_sound(database_url)
    assert sold(ledger, "TEA") == 5


def test_an_error_in_the_middle_of_a_group_leaves_nothing(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ledger, stocked("TEA", "SUGAR"))
    before = (events_of(database_url), outcomes_of(database_url))
    appending = ledger.log_recorder.appending

    class Breaking:
        """Writes the events and then breaks, before outcomes and snapshots."""

        def __init__(self, append: Append) -> None:
            self.begin = append.begin
            self._append = append

        def append(self, *rows: Any) -> None:
            expected, head, events, *_ = rows
            self._append.append(expected, head, events[: len(events) // 2], [], [])
            raise OperationalError("disk I/O error")

    @contextmanager
    def breaking() -> Iterator[Append]:
        with appending() as append:
            yield Breaking(append)

    orders = [order(name, "TEA", "SUGAR") for name in numbered("SO", 10)]
    with monkeypatch.context() as patched:
        patched.setattr(ledger.log_recorder, "appending", breaking)
        with pytest.raises(StorageError):
            send(ledger, orders)
    assert (events_of(database_url), outcomes_of(database_url)) == before
    assert statuses(send(ledger, orders)) == ["accepted"] * 10
    assert_log_is_sound(database_url)


def test_an_interrupt_while_deciding_leaves_nothing_and_the_writer_goes_on(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, stocked("TEA"))

    class Interrupted:
        """A command in whose decision somebody presses Control-C."""

        command_id, fingerprint, body, content = "c-1", b"f", b"{}", ""
        streams = ("stock/TEA",)
        begins: str | None = None
        occurred_at_or_none: int | None = None
        correlation_id: str | None = None
        actor: str | None = None
        credential: str | None = None

        def decide(self, work: Any) -> Decision:
            work.stock("TEA").version += 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.writer.write([[Interrupted()]])
    assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["accepted"]
    assert assert_log_is_sound(database_url) == 4


def test_a_connection_that_cannot_be_made_keeps_nobody_waiting(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(sqlite_url) as ledger:
        assert isinstance(ledger.datastore, SQLiteLedgerDatastore)
        send(ledger, stocked("TEA"))
        with failing(monkeypatch, not_recorded), pytest.raises(StorageError):
            send(ledger, [order("SO-1", "TEA")])     # its connection is dropped
        with monkeypatch.context() as patched:
            patched.setattr(ledger.datastore.pool, "db_name", "file:/nowhere/at/all.db?mode=rw")
            for connection in list(ledger.datastore.pool._pool):
                connection.close()
            with pytest.raises(StorageError) as raised:
                send(ledger, [order("SO-1", "TEA")])
            assert raised.value.code == "storage_failed"
        assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["accepted"]
    assert_log_is_sound(sqlite_url)
