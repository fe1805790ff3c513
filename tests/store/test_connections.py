"""The connections of a ledger: what they keep stays where it is of use; none outlives closing."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from eventsourcing.persistence import ConnectionPoolClosedError

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from tests.store.shop import order, send, statuses, stocked


def connections(ledger: Ledger) -> SQLiteLedgerDatastore:
    """Return what hands out the connections of a ledger."""
    assert isinstance(ledger.datastore, SQLiteLedgerDatastore)
    return ledger.datastore


def test_whoever_writes_gets_the_connection_that_wrote_last(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'shop.db'}") as ledger:
        send(ledger, stocked("TEA"))
        connect = connections(ledger).get_connection
        with ExitStack() as together:
            for _ in range(3):
                together.enter_context(connect(commit=False))
        for _ in range(4):
            with connect(commit=True) as writer, connect(commit=False) as reader:
                assert reader is not writer
            with connect(commit=True) as next_writer:
                assert next_writer is writer
            with connect(commit=False) as next_reader:
                assert next_reader is not writer


def test_one_connection_is_enough_for_one_who_writes_and_reads(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'shop.db'}") as ledger:
        send(ledger, stocked("TEA"))
        assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["accepted"]
        ledger.head()
        with connections(ledger).get_connection(commit=True) as writer:
            pass
        with connections(ledger).get_connection(commit=False) as reader:
            assert reader is writer


def test_a_closed_ledger_is_not_read_through_a_new_connection(database_url: str) -> None:
    ledger = open_ledger(database_url)
    send(ledger, stocked("TEA"))
    ledger.close()
    with pytest.raises(ConnectionPoolClosedError):
        ledger.head()
