"""Bookkeeping of effects: what was sent and what is still to be sent, in tables beside the log.

An effect is no fact of the ledger, and rebuilding read models must not repeat it. So what became of
it is kept in tables of its own, written in whole transactions. At any time one worker of a kind
does the sending: it holds a lease, and looks whether it still does in every transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stocktrail.feeds.leases import is_dead, new_owner
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, Table

LEASE_MICROSECONDS = 60_000_000
"""How long a worker that fell silent keeps others from taking over."""

LEASE = Table(
    "effect_lease_v1",
    {"worker": "TEXT NOT NULL", "holder": "TEXT NOT NULL", "until": "BIGINT NOT NULL"},
    ("worker",),
)


class AnotherWorker(Exception):
    """Another process does this work already, or has taken it over."""

    code = "another_worker"

    def __init__(self, worker: str) -> None:
        self.message = (
            f"Another process is delivering {worker} of this ledger. If it is gone without a word, "
            "on another machine, its turn ends within a minute."
        )
        super().__init__(self.message)


class DeliveryStore:
    """The tables of one kind of effect, and the lease of whoever carries it out."""

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
        """Read from one consistent state."""
        self.prepare()
        with self._side_tables.reading() as cursor:
            yield cursor

    @contextmanager
    def writing(self) -> Iterator[Cursor]:
        """Write; everything commits at the end or nothing does."""
        self.prepare()
        with self._side_tables.writing() as cursor:
            yield cursor

    @contextmanager
    def writing_as_leader(self) -> Iterator[Cursor]:
        """Write as the one worker there is.

        Raises :class:`AnotherWorker` when another one has taken over since.
        """
        with self.writing() as cursor:
            held = LEASE.rows(cursor, "WHERE worker = :worker", worker=self.worker)
            if not held or held[0]["holder"] != self._owner:
                raise AnotherWorker(self.worker)
            yield cursor

    def acquire_lease(self, now: int) -> None:
        """Become the one worker, or stay it for another while.

        Raises :class:`AnotherWorker` while somebody else is.
        """
        with self.writing() as cursor:
            held = LEASE.rows(cursor, "WHERE worker = :worker", worker=self.worker)
            holder, until = (held[0]["holder"], held[0]["until"]) if held else ("", 0)
            if holder not in ("", self._owner) and until > now and not is_dead(holder):
                raise AnotherWorker(self.worker)
            LEASE.put_rows(cursor, [{
                "worker": self.worker, "holder": self._owner, "until": now + LEASE_MICROSECONDS,
            }])

    def release_lease(self) -> None:
        """Let the next worker begin at once."""
        with self.writing() as cursor:
            cursor.execute(
                f"DELETE FROM {LEASE.name} WHERE worker = :worker AND holder = :holder",
                {"worker": self.worker, "holder": self._owner},
            )
