"""The library's own test cases pass on our recorders for PostgreSQL."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.tests import persistence as library
from eventsourcing.utils import Environment

from stocktrail.ledger.store.postgres.recorder import (
    LedgerProcessRecorder,
    PostgresFactory,
    PostgresLedgerRecorder,
)
from stocktrail.ledger.store.postgres.tracking import LedgerTrackingRecorder, SnapshotRecorder
from tests.store.test_library_cases import library_environment


class OnOurServer:
    """A fresh schema for each of the library's tests, with texts for ids."""

    INITIAL_VERSION = 1

    @pytest.fixture(autouse=True)
    def factory_of_the_test(self, postgres_url: str) -> Iterator[None]:
        """Open the schema, and close it after the test."""
        self.env = Environment("library", library_environment(postgres_url))
        self.factory: Any = PostgresFactory(self.env)
        yield
        self.factory.close()

    def new_originator_id(self) -> str:
        """Name a stream."""
        return f"test/{uuid4()}"


class TestApplicationRecorder(
    OnOurServer, library.ApplicationRecorderTestCase[PostgresLedgerRecorder]
):
    """The library's test case for application recorders."""

    def create_recorder(self) -> PostgresLedgerRecorder:
        """Return our recorder of the log."""
        recorder: PostgresLedgerRecorder = self.factory.application_recorder()
        return recorder

    def test_insert_subscribe(self) -> None:
        """A subscription of the library hears of what is appended."""
        self.optional_test_insert_subscribe()


class TestAggregateRecorder(OnOurServer, library.AggregateRecorderTestCase):
    """The library's test case for aggregate recorders, on the one that keeps our snapshots."""

    def create_recorder(self) -> SnapshotRecorder:
        """Return our recorder of snapshots."""
        recorder: SnapshotRecorder = self.factory.aggregate_recorder("snapshots")
        return recorder


class TestNonInterleaving(OnOurServer, library.NonInterleavingNotificationIDsBaseCase):
    """The library's test case for positions: those of one append stand together."""

    def create_recorder(self) -> ApplicationRecorder:
        """Return our recorder of the log."""
        recorder: PostgresLedgerRecorder = self.factory.application_recorder()
        return recorder


class TestTrackingRecorder(OnOurServer, library.TrackingRecorderTestCase):
    """The library's test case for tracking recorders."""

    def create_recorder(self) -> LedgerTrackingRecorder:
        """Return the recorder of how far read models have come."""
        recorder: LedgerTrackingRecorder = self.factory.tracking_recorder()
        return recorder


class TestProcessRecorder(OnOurServer, library.ProcessRecorderTestCase):
    """The library's test case for recorders of events and positions in one transaction."""

    def create_recorder(self) -> LedgerProcessRecorder:
        """Return our recorder of the log and of a position beside it."""
        recorder: LedgerProcessRecorder = self.factory.process_recorder()
        return recorder


class TracksForUs(LedgerTrackingRecorder):
    """Stands for a tracking recorder of somebody's own."""


class TestFactory(OnOurServer, library.InfrastructureFactoryTestCase[PostgresFactory]):
    """The library's test case for persistence modules."""

    def expected_factory_class(self) -> type[PostgresFactory]:
        """Return our factory."""
        return PostgresFactory

    def expected_aggregate_recorder_class(self) -> type[SnapshotRecorder]:
        """Return the recorder of snapshots."""
        return SnapshotRecorder

    def expected_application_recorder_class(self) -> type[PostgresLedgerRecorder]:
        """Return the recorder of the log."""
        return PostgresLedgerRecorder

    def expected_tracking_recorder_class(self) -> type[LedgerTrackingRecorder]:
        """Return the recorder of read models' positions."""
        return LedgerTrackingRecorder

    def tracking_recorder_subclass(self) -> type[LedgerTrackingRecorder]:
        """Name another one."""
        return TracksForUs

    def expected_process_recorder_class(self) -> type[LedgerProcessRecorder]:
        """Return the recorder of the log and of a position beside it."""
        return LedgerProcessRecorder
