"""The library's own test cases pass on our recorders, and its classes open our database."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import (
    BaseAggregate,
    CanCreateTimestamp,
    CanInitAggregate,
    CanMutateAggregate,
    MetaDomainEvent,
    event,
)
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking
from eventsourcing.sqlite import (
    SQLiteAggregateRecorder,
    SQLiteProcessRecorder,
    SQLiteTrackingRecorder,
)
from eventsourcing.tests import persistence as library
from eventsourcing.utils import Environment

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock.product import register
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address
from stocktrail.ledger.store.sqlite.recorder import SQLiteFactory, SQLiteLedgerRecorder
from tests.store.shop import assert_log_is_sound, order, send, statuses, stocked


class OnOurDatabase:
    """A fresh ledger file for each of the library's tests, with texts for ids."""

    INITIAL_VERSION = 1

    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="stocktrail-library-")
        self.env = Environment("library", {
            "PERSISTENCE_MODULE": "stocktrail.ledger.store.sqlite",
            "ORIGINATOR_ID_TYPE": "text",
            "SQLITE_DBNAME": f"file:{self.folder}/ledger.db",
        })
        self.factory: Any = SQLiteFactory(self.env)

    def tearDown(self) -> None:
        self.factory.close()
        shutil.rmtree(self.folder)

    def new_originator_id(self) -> str:
        """Name a stream."""
        return f"test/{uuid4()}"


class TestApplicationRecorder(
    OnOurDatabase, library.ApplicationRecorderTestCase[SQLiteLedgerRecorder]
):
    """The library's test case for application recorders."""

    def create_recorder(self) -> SQLiteLedgerRecorder:
        """Return our recorder of the log."""
        recorder = self.factory.application_recorder()
        assert isinstance(recorder, SQLiteLedgerRecorder)
        return recorder


class TestAggregateRecorder(OnOurDatabase, library.AggregateRecorderTestCase):
    """The library's test case for aggregate recorders, on the one that keeps our snapshots."""

    def create_recorder(self) -> SQLiteAggregateRecorder:
        """Return our recorder of snapshots."""
        recorder: SQLiteAggregateRecorder = self.factory.aggregate_recorder("snapshots")
        return recorder


class TestNonInterleaving(OnOurDatabase, library.NonInterleavingNotificationIDsBaseCase):
    """The library's test case for positions: those of one append stand together."""

    def create_recorder(self) -> SQLiteLedgerRecorder:
        """Return our recorder of the log."""
        recorder: SQLiteLedgerRecorder = self.factory.application_recorder()
        return recorder


class TestTrackingRecorder(OnOurDatabase, library.TrackingRecorderTestCase):
    """The library's test case for tracking recorders."""

    def create_recorder(self) -> SQLiteTrackingRecorder:
        """Return the recorder of how far read models have come."""
        recorder: SQLiteTrackingRecorder = self.factory.tracking_recorder()
        return recorder


class TracksForUs(SQLiteTrackingRecorder):
    """Stands for a tracking recorder of somebody's own."""


class TestFactory(OnOurDatabase, library.InfrastructureFactoryTestCase[SQLiteFactory]):
    """The library's test case for persistence modules."""

    def setUp(self) -> None:
        OnOurDatabase.setUp(self)
        self.factory.close()
        library.InfrastructureFactoryTestCase.setUp(self)

    def expected_factory_class(self) -> type[SQLiteFactory]:
        """Return our factory."""
        return SQLiteFactory

    def expected_aggregate_recorder_class(self) -> type[SQLiteAggregateRecorder]:
        """Return the recorder of snapshots."""
        return SQLiteAggregateRecorder

    def expected_application_recorder_class(self) -> type[SQLiteLedgerRecorder]:
        """Return the recorder of the log."""
        return SQLiteLedgerRecorder

    def expected_tracking_recorder_class(self) -> type[SQLiteTrackingRecorder]:
        """Return the recorder of read models' positions."""
        return SQLiteTrackingRecorder

    def tracking_recorder_subclass(self) -> type[SQLiteTrackingRecorder]:
        """Name another one."""
        return TracksForUs

    def expected_process_recorder_class(self) -> type[SQLiteProcessRecorder]:
        """Return the library's own: the ledger has no use for it."""
        return SQLiteProcessRecorder


@dataclass(frozen=True)
class ShelfChanged(CanMutateAggregate[str], CanCreateTimestamp, metaclass=MetaDomainEvent):
    """What happens to a shelf, in a stream that is named by a text."""

    originator_id: str
    originator_version: int
    timestamp: datetime


@dataclass(frozen=True)
class ShelfPutUp(ShelfChanged, CanInitAggregate[str]):
    """The first event of a shelf."""

    originator_topic: str


class Shelf(BaseAggregate[str]):
    """An aggregate as the library's documentation shows it, with a text for its id."""

    Event = ShelfChanged

    @staticmethod
    def create_id() -> str:
        """Return the shelf's stream."""
        return "shelf/1"

    @event(ShelfPutUp)
    def __init__(self) -> None:
        self.books: list[str] = []

    @event("BookAdded")
    def add(self, book: str) -> None:
        """Put a book on the shelf."""
        self.books.append(book)


def library_environment(url: str) -> dict[str, str]:
    """Return the settings with which somebody who knows the library opens our database."""
    if is_postgres_url(url):
        address = postgres_address(url)
        return {
            "PERSISTENCE_MODULE": "stocktrail.ledger.store.postgres",
            "ORIGINATOR_ID_TYPE": "text",
            "POSTGRES_DBNAME": address.database, "POSTGRES_HOST": address.connection["host"],
            "POSTGRES_USER": address.connection["user"], "POSTGRES_PASSWORD": "",
            "POSTGRES_SCHEMA": address.schema,
        }
    return {
        "PERSISTENCE_MODULE": "stocktrail.ledger.store.sqlite",
        "ORIGINATOR_ID_TYPE": "text",
        "SQLITE_DBNAME": f"file:{sqlite_path(url)}",
    }


def test_an_application_of_the_library_reads_our_notification_log(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, stocked("TEA", "SUGAR"))
    application = Application[str](library_environment(database_url))
    section = application.notification_log["1,3"]
    assert [(each.id, each.originator_id, each.topic) for each in section.items] == [
        (1, "stock/TEA", "ProductRegistered.v1"), (2, "stock/SUGAR", "ProductRegistered.v1"),
        (3, "stock/TEA", "StockReceived.v1"),
    ]
    assert section.next_id == "4,6"
    application.close()


def test_an_application_of_the_library_saves_its_own_aggregates(database_url: str) -> None:
    application = Application[str](library_environment(database_url))
    shelf = Shelf()
    shelf.add("Domain Modeling")
    [first, second] = application.save(shelf)
    assert (first.notification.id, second.notification.id) == (1, 2)
    found: Shelf = application.repository.get("shelf/1")
    assert found.books == ["Domain Modeling"]
    with pytest.raises(AggregateNotFoundError):
        application.repository.get("shelf/2")
    application.close()
    with open_ledger(database_url) as ledger:
        assert ledger.head().position == 2


def test_our_aggregates_are_saved_by_the_library_and_the_writer_goes_on_from_there(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, stocked("TEA"))
    other = open_ledger(database_url)
    stock: object = other.repository.get("stock/TEA")
    assert isinstance(stock, ProductStock)
    for payload in register(stock, "Green tea", None, None, None):
        stock.trigger(payload)
    other.save(stock)
    other.close()
    [result] = send(ledger, [{"command": "receive-stock", "sku": "TEA", "quantity": 5, "id": "r"}])
    assert result.position == 4
    [renamed] = ledger.read(2, 1)
    assert isinstance(renamed, RecordedEvent)
    assert (renamed.originator_version, renamed.command_id) == (3, None)
    found = ledger.aggregate("stock/TEA")
    assert isinstance(found, ProductStock)
    assert (found.product.name, found.version) == ("Green tea", 4)
    assert found.on_hand == {"default": 1_050_000}


def test_an_order_that_the_library_saved_is_known(
    ledger: Ledger, database_url: str, tmp_path: Path
) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'elsewhere.db'}") as elsewhere:
        send(elsewhere, [*stocked("TEA"), order("SO-1", "TEA")])
        [placed] = elsewhere.read_stream("order/SO-1")
    saved = Order.stream_of("SO-1")
    copied = Order(saved)
    copied.trigger(placed.payload)
    ledger.save(copied)
    [result] = send(ledger, [order("SO-1", "TEA", id="another")])
    assert (result.status, result.position) == ("duplicate", 1)
    assert [event["stream"] for event in result.events] == [saved]


def test_settings_of_the_library_in_the_environment_do_not_redirect_a_ledger(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_PERSISTENCE_MODULE", "eventsourcing.popo")
    monkeypatch.setenv("LEDGER_SQLITE_DBNAME", str(tmp_path / "elsewhere.db"))
    monkeypatch.setenv("MAPPER_TOPIC", "nowhere:Nothing")
    with open_ledger(database_url) as ledger:
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted", "accepted"]
    assert assert_log_is_sound(database_url) == 2
    assert not (tmp_path / "elsewhere.db").exists()


def test_a_tracking_position_is_kept_beside_the_log(ledger: Ledger, database_url: str) -> None:
    ledger.tracking_recorder.insert_tracking(Tracking("stock-levels", 7))
    with open_ledger(database_url) as other:
        assert other.tracking_recorder.max_tracking_id("stock-levels") == 7


def test_a_version_that_is_taken_is_refused_and_nothing_of_its_append_stays(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, stocked("TEA"))
    taken = StoredEvent("stock/TEA", 2, "StockReceived.v1", b"{}")
    free = StoredEvent("stock/SUGAR", 1, "ProductRegistered.v1", b"{}")
    with pytest.raises(IntegrityError):
        ledger.recorder.insert_events([free, taken])
    assert assert_log_is_sound(database_url) == 2
