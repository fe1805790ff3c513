"""The lease of a rebuild: what lets one rebuild at a time write shadow tables.

It is one row: a number that increases with each owner, who that is, and a heartbeat. The row also
keeps what an owner that died had done: shadow tables and, of each side of the fold, the position
that its rows stand for, written in the same transaction. Whoever has the lease next goes on there.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Event, Thread
from typing import Any, Literal

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.side_tables.owners import new_owner
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, Table, TableSet
from stocktrail.projections.catching_up import CatchingUp
from stocktrail.projections.folding.projector import READ_MODELS
from stocktrail.projections.folding.shadow_tables import index_statements
from stocktrail.projections.model_version import model_version
from stocktrail.projections.models.version import VERSION, earlier_names

LEASE = Table(
    "read_model_rebuild",
    {
        "name": "TEXT NOT NULL", "number": "BIGINT NOT NULL", "owner": "TEXT NOT NULL",
        "beats": "BIGINT NOT NULL", "version": "BIGINT NOT NULL", "build": "BIGINT NOT NULL",
        "orders": "BIGINT NOT NULL", "stock": "BIGINT NOT NULL", "reached": "BIGINT NOT NULL",
        "goal": "BIGINT NOT NULL", "seconds_left": "BIGINT NOT NULL",
    },
    ("name",),
)
"""The one row: ``build`` is the number under which the shadow tables were begun, 0 when there are
none, ``owner`` is empty when nobody has the lease, ``seconds_left`` is -1 when nobody knows."""

OVERTAKEN = "rebuild_overtaken"
"""The code of the refusal when another process has taken the lease."""

BEAT_SECONDS = 2.0
"""How often the owner of a lease says that it is alive."""

Side = Literal["orders", "stock"]
"""A side of the fold, with shadow tables of its own."""

_NAME = "read_models"
_WHERE = f"WHERE name = '{_NAME}'"
_SUFFIX = "_rebuilt"


class RebuildLease:
    """The database as the owner of a lease writes it, for as long as nobody has taken it over.

    The processes of one rebuild share its ``number``, and ``build``, that of its shadow tables.
    """

    def __init__(self, side_tables: SideTables, number: int, build: int) -> None:
        self.number = number
        self.build = build
        self._side_tables = side_tables
        self._standing = CatchingUp(0, 0)

    def reading(self) -> AbstractContextManager[Cursor]:
        """Read from one consistent state of the database."""
        return self._side_tables.reading()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Write in a transaction, which is a heartbeat too.

        Refuses (``rebuild_overtaken``) once another process has taken the lease over.
        """
        with self._side_tables.writing(synced=False) as cursor:
            cursor.execute(
                f"UPDATE {LEASE.name} SET beats = beats + 1 {_WHERE} AND number = :number "
                "RETURNING beats", {"number": self.number},
            )
            if cursor.fetchone() is None:
                raise Refusal(
                    OVERTAKEN,
                    "Another rebuild of the read models has taken over; this one has stopped. The "
                    "live read models are as they were.",
                )
            yield cursor

    def shadow_tables(self) -> TableSet:
        """Return the shadow tables, beside the live ones."""
        return TableSet(self, _SUFFIX)

    def build_indexes(self, models: Sequence[ReadModel], before_each: Callable[[], None]) -> None:
        """Index filled shadow tables, one in each transaction, so that writers get between.

        What ``before_each`` raises ends it there.
        """
        for statement in index_statements(models, self.shadow_tables(), f"_{self.build}"):
            before_each()
            with self.writing() as cursor:
                cursor.execute(statement)

    def position(self, side: Side) -> int:
        """Return the position that the shadow tables of a side stand for."""
        with self.reading() as cursor:
            [row] = LEASE.rows(cursor)
        return int(row[side])

    def record(self, cursor: Cursor, side: Side, position: int) -> None:
        """Record the position of a side in the transaction that writes its rows."""
        cursor.execute(f"UPDATE {LEASE.name} SET {side} = :position", {"position": position})

    def finish(self, cursor: Cursor) -> None:
        """Release the lease, with nothing left to go on with, once the transaction commits."""
        cursor.execute(f"UPDATE {LEASE.name} SET owner = '', build = 0")

    # ------------------------------------------------------------------ being alive

    def tell(self, standing: CatchingUp) -> None:
        """Let those who wait know how far this rebuild is, with the next heartbeat."""
        self._standing = standing

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the lease in the block by a heartbeat, and give it back at its end.

        The heart beats in a thread of its own, whatever the rebuild is at. While one long statement
        holds the database's lock, as that of an index, the beat waits for it; so does whoever would
        take the lease over, and the transaction of the statement is a beat too.
        """
        ended = Event()
        heart = Thread(target=self._beat, args=(ended,), name="rebuild-heartbeat", daemon=True)
        heart.start()
        try:
            yield
        finally:
            ended.set()
            heart.join()
            with suppress(StorageError, Refusal), self.writing() as cursor:
                cursor.execute(f"UPDATE {LEASE.name} SET owner = ''")

    def _beat(self, ended: Event) -> None:
        while not ended.wait(BEAT_SECONDS):
            reached, goal, left = self._standing
            known = {"reached": reached, "goal": goal, "left": -1 if left is None else left}
            with suppress(StorageError):
                try:
                    with self.writing() as cursor:
                        cursor.execute(
                            f"UPDATE {LEASE.name} SET reached = :reached, goal = :goal, "
                            "seconds_left = :left", known,
                        )
                except Refusal:
                    return


def lease_row(cursor: Cursor) -> Row | None:
    """Return the row of the lease, ``None`` while there was never a rebuild.

    The table must be there.
    """
    rows = LEASE.rows(cursor, _WHERE)
    return rows[0] if rows else None


def standing_of(row: Row) -> CatchingUp:
    """Return how far the owner of a lease has said that it is."""
    left = row["seconds_left"]
    return CatchingUp(row["reached"], row["goal"], None if left < 0 else left)


def beat_of(row: Row | None) -> tuple[int, int] | None:
    """Return what another heartbeat, or another owner, changes; ``None`` without a lease."""
    return (row["number"], row["beats"]) if row else None


def take_lease(
    side_tables: SideTables, cursor: DatabaseCursor, *, from_start: bool = False
) -> RebuildLease:
    """Take the lease, whoever has it; shadow tables that were begun in this version are kept.

    They are made again ``from_start`` on demand, and where another version has left them.
    """
    before = lease_row(cursor)
    number = (before["number"] if before else 0) + 1
    row = dict(before or {})
    if from_start or before is None or not before["build"] or before["version"] != VERSION:
        _create_shadow_tables(cursor)
        row = {"build": number, "version": VERSION, "orders": 0, "stock": 0, "reached": 0}
    LEASE.put_rows(cursor, [{
        "reached": 0, **row, "name": _NAME, "number": number, "owner": new_owner(),
        "beats": 0, "goal": 0, "seconds_left": -1,
    }])
    return RebuildLease(side_tables, number, row["build"])


def begin_lease(side_tables: SideTables, *, from_start: bool = False) -> RebuildLease:
    """Take the lease in a transaction of its own, whoever has it.

    Where read models of this version are live, nothing that was begun is kept: whoever rebuilds
    them doubts them, and what another rebuild had folded may be as wrong.
    """
    side_tables.prepare()
    with side_tables.writing() as cursor:
        cursor.execute(LEASE.create)
        from_start = from_start or are_there(side_tables, cursor)
        return take_lease(side_tables, cursor, from_start=from_start)


def _create_shadow_tables(cursor: Cursor) -> None:
    """Create empty shadow tables, in place of those that any version has left behind."""
    for model in READ_MODELS:
        for table in model.tables:
            for name in (*earlier_names(table.name), table.name):
                cursor.execute(table.named(name + _SUFFIX).drop)
            cursor.execute(table.named(table.name + _SUFFIX).create_to_be_filled)


def are_there(side_tables: SideTables, cursor: DatabaseCursor) -> bool:
    """Return whether there are live read models of this version."""
    return model_version(side_tables, cursor).position is not None
