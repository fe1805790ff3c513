"""The library's recorders of snapshots and positions, on the tables of a ledger in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresAggregateRecorder, PostgresTrackingRecorder

from stocktrail.ledger.store.postgres.arrays import bigints, byteas, texts
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.opening import create_schema


class SnapshotRecorder(PostgresAggregateRecorder):
    """The library's recorder of aggregates, on the snapshots of a ledger."""

    datastore: PostgresLedgerDatastore

    def __init__(
        self, datastore: PostgresLedgerDatastore, *, events_table_name: str = "stored_snapshots"
    ) -> None:
        purpose = events_table_name.rpartition("_")[2]
        super().__init__(datastore, events_table_name=f"stored_{purpose}")

    def create_table(self) -> None:
        """Create the schema if it is missing; only one process at a time does."""
        create_schema(self.datastore)

    def _insert_stored_events(
        self, curs: Any, stored_events: Sequence[StoredEvent], **_: Any
    ) -> None:
        curs.execute(
            f"INSERT INTO {self.events_table_name} SELECT * FROM unnest(%s, %s, %s, %s)".encode(),
            [
                texts([str(each.originator_id) for each in stored_events]),
                bigints([each.originator_version for each in stored_events]),
                texts([each.topic for each in stored_events]),
                byteas([each.state for each in stored_events]),
            ],
        )


class LedgerTrackingRecorder(PostgresTrackingRecorder):
    """The library's tracking recorder, on the positions of a ledger's read models."""

    datastore: PostgresLedgerDatastore

    def __init__(
        self, datastore: PostgresLedgerDatastore, *, tracking_table_name: str = "tracking",
        **kwargs: Any,
    ) -> None:
        super().__init__(datastore, tracking_table_name="tracking", **kwargs)

    def create_table(self) -> None:
        """Create the schema if it is missing; only one process at a time does."""
        create_schema(self.datastore)
