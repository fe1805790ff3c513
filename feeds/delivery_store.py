"""The delivery store: what was sent and what is still to be sent, in tables beside the log.

An effect is not a fact of the ledger, and rebuilding read models must not repeat it. Its state is
therefore stored in tables of its own, written in whole transactions. One worker of a kind sends at
a time: it holds a lease, and checks in every transaction that it still does.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.owners import is_dead, new_owner
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, Table

LEASE_MICROSECONDS = 60_000_000
"""How long a worker that has stopped responding keeps the lease."""

MAX_CLOCK_DIFFERENCE = 60 * LEASE_MICROSECONDS
"""By how much the clocks of two workers may differ: a lease that ends later than that is void.

It was acquired by a clock that ran ahead and was set right since, perhaps by a year.
"""

LEASE = Table(
    "effect_lease_v1",
    {"worker": "TEXT NOT NULL", "holder": "TEXT NOT NULL", "until": "BIGINT NOT NULL"},
    ("worker",),
)


class AnotherWorker(Exception):
    """Another process holds the lease for this work."""

    code = "another_worker"

    def __init__(self, worker: str) -> None:
        self.message: str = (
            f"Another process is delivering {worker} of this ledger. If it is gone without a word, "
            "on another machine, its turn ends within a minute."
        )
        super().__init__(self.message)


class DeliveryStore:
    """The tables of one kind of effect, and the lease of the worker that sends it."""

    def __init__(self, ledger: Ledger, worker: str, tables: Sequence[Table]) -> None:
        self.ledger = ledger
        self.worker = worker
        self._tables = (LEASE, *tables)
        self._side_tables = SideTables(ledger)
        self._owner = new_owner()
        self._is_prepared = False

    def prepare(self) -> None:
        """Create the tables that are missing."""
        if self._is_prepared or self.ledger.read_only:
            return
        with self._side_tables.writing() as cursor:
            for table in self._tables:
                cursor.execute(table.create)
                for statement in table.create_indexes():
                    cursor.execute(statement)
        self._is_prepared = True

    @contextmanager
    def reading(self) -> Iterator[Cursor]:
        """Read from one consistent snapshot."""
        self.prepare()
        with self._side_tables.reading() as cursor:
            yield cursor

    @contextmanager
    def writing(self) -> Iterator[Cursor]:
        """Write; everything commits at the end of the block or nothing does."""
        self.prepare()
        with self._side_tables.writing() as cursor:
            yield cursor

    @contextmanager
    def writing_as_leader(self) -> Iterator[Cursor]:
        """Write while holding the lease.

        Raises :class:`AnotherWorker` when another worker has acquired it since.
        """
        with self.writing() as cursor:
            held = LEASE.rows(cursor, "WHERE worker = :worker", worker=self.worker)
            if not held or held[0]["holder"] != self._owner:
                raise AnotherWorker(self.worker)
            yield cursor

    def acquire_lease(self, now: int) -> None:
        """Acquire the lease, or extend it.

        Raises :class:`AnotherWorker` while another worker holds it.
        """
        with self.writing() as cursor:
            held = LEASE.rows(cursor, "WHERE worker = :worker", worker=self.worker)
            holder, until = (held[0]["holder"], held[0]["until"]) if held else ("", 0)
            is_valid = now < until <= now + LEASE_MICROSECONDS + MAX_CLOCK_DIFFERENCE
            if holder not in ("", self._owner) and is_valid and not is_dead(holder):
                raise AnotherWorker(self.worker)
            LEASE.put_rows(cursor, [{
                "worker": self.worker, "holder": self._owner, "until": now + LEASE_MICROSECONDS,
            }])

    def release_lease(self) -> None:
        """Release the lease, so that another worker can acquire it at once."""
        with self.writing() as cursor:
            cursor.execute(
                f"DELETE FROM {LEASE.name} WHERE worker = :worker AND holder = :holder",
                {"worker": self.worker, "holder": self._owner},
            )
