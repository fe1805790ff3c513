"""Ledgers of the former format: those that former versions wrote, and a small writer of others.

``golden/version_1`` and ``golden/version_2`` were written by the code of their time: ``ledger.sql``
is a SQLite file as statements, ``postgres.sql`` are the statements that made an empty schema named
``former``. Version 2 has a checkpoint of its midst (``old``), one of its end (``new``), and proofs.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.merkle.former_leaves import former_event_leaf, former_outcome_leaf
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.postgres_address import postgres_address
from stocktrail.ledger.store.sqlite.schema import APPLICATION_ID
from stocktrail.ledger.store.upgrade.former_rows import (
    EventRow,
    FormerHead,
    FormerLog,
    OutcomeRow,
)
from tests.postgres_server import PostgresServer, ServerElsewhere

GOLDEN = Path(__file__).parent / "golden"

_OF_THE_LOG = ("stored_events", "stored_commands", "stored_snapshots", "seal_nodes")
_HEAD = (
    "position, recorded_at",
    "event_root, event_range, command_count, command_root, command_range",
)
"""The columns of the head: those of version 1, and those that version 2 added."""


def write_golden(path: Path, version: int) -> None:
    """Make the file that a former version wrote."""
    with closing(sqlite3.connect(path)) as file:
        file.executescript((GOLDEN / f"version_{version}" / "ledger.sql").read_text())
        _mark(file, version)


def put_on_server(
    server: PostgresServer | ServerElsewhere, url: str, path: Path, version: int
) -> None:
    """Make a schema of a former version with the log that is in a file."""
    schema = postgres_address(url).schema
    statements = (GOLDEN / f"version_{version}" / "postgres.sql").read_text()
    columns = ", ".join(_HEAD[:version])
    with (
        server.connect() as connection, connection.transaction(),
        closing(sqlite3.connect(path)) as file,
    ):
        connection.execute(
            f'CREATE SCHEMA "{schema}"; SET LOCAL search_path TO "{schema}"; '
            "SET LOCAL session_replication_role TO replica".encode()
        )
        connection.execute(statements.replace('"former"', f'"{schema}"').encode())
        head = file.execute(f"SELECT {columns} FROM ledger_head").fetchone()
        connection.execute(
            f"UPDATE ledger_head SET ({columns}) = ROW({', '.join(['%s'] * len(head))})".encode(),
            head,
        )
        for table in _OF_THE_LOG[: version + 2]:
            for row in file.execute(f"SELECT * FROM {table}"):
                marks = ", ".join(["%s"] * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})".encode(), row)


class FormerWriter:
    """Writes a log as the former format kept it: a row an event, a row an outcome.

    ``now`` is when the next thing is recorded, unless what was recorded before is later.
    """

    def __init__(self) -> None:
        self.now = 1_000
        self.events: list[EventRow] = []
        self.outcomes: list[OutcomeRow] = []
        self._versions: dict[str, int] = {}

    def accept(
        self, command_id: str, streams: Sequence[str], *, result: bytes = b"{}",
        occurred: Sequence[int] = (), correlation_id: str | None = None, actor: str | None = None,
    ) -> None:
        """Record a command that led to an event in each of the streams."""
        first = len(self.events) + 1
        sent = command_id.removesuffix("\x1eagain")
        for number, stream in enumerate(streams):
            payload = b'{"of":"%b"}' % sent.encode()
            when = occurred[number % len(occurred)] if occurred else None
            self._event(stream, payload, when, (sent, correlation_id, None, actor))
        self._outcome(command_id, "accepted", first, len(self.events), result)

    def refuse(self, command_id: str, status: str = "rejected", *, judged: bool = True) -> None:
        """Keep a refusal; earlier versions did not say when it was judged."""
        result = b'{"code":"no","judged_at":%d}' % self._now() if judged else b'{"code":"no"}'
        self._outcome(command_id, status, len(self.events) + 1, len(self.events), result)

    def save(self, stream: str, *payloads: bytes) -> None:
        """Record events of the library's own ``save``."""
        for payload in payloads:
            self._event(stream, payload, None, (None, None, None, None))

    def log(self, version: int = 2) -> FormerLog:
        """Return the log, to be upgraded."""
        return FormerLog(self.head(version), iter(self.events), iter(self.outcomes))

    def head(self, version: int = 2) -> FormerHead:
        """Return its head."""
        if version == 1:
            return FormerHead(1, len(self.events))
        events, commands = (_tree(rows) for rows in (self.events, self.outcomes))
        return FormerHead(2, events.size, events.root, commands.size, commands.root)

    def write(self, path: Path) -> None:
        """Write the log to a file of version 2, with the tables and triggers of its time."""
        events, commands = (_tree(rows) for rows in (self.events, self.outcomes))
        with closing(sqlite3.connect(path)) as file:
            for statement in _schema_of_version_2():
                file.execute(statement)
            _mark(file, 2)
            file.execute(
                "INSERT INTO ledger_head VALUES (1,?,?,?,?,?,?,?)",
                [
                    events.size, self.events[-1].recorded_at if self.events else 0, events.root,
                    events.as_bytes(), commands.size, commands.root, commands.as_bytes(),
                ],
            )
            file.executemany(f"INSERT INTO stored_events VALUES ({_marks(12)})", self.events)
            file.executemany(f"INSERT INTO stored_commands VALUES ({_marks(9)})", self.outcomes)
            file.commit()

    def _now(self) -> int:
        self.now = max(self.now, self.events[-1].recorded_at + 1 if self.events else 0)
        return self.now

    def _event(
        self, stream: str, payload: bytes, occurred_at: int | None,
        metadata: tuple[str | None, ...],
    ) -> None:
        now, position = self._now(), len(self.events) + 1
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        occurred_at = now if occurred_at is None else occurred_at
        command_id, correlation_id, causation_id, actor = metadata
        leaf = former_event_leaf(
            (position, stream, version, "Made.v1", occurred_at, now, command_id, correlation_id,
             causation_id, actor), sha256(payload).digest(),
        )
        self.events.append(EventRow(
            position, stream, version, "Made.v1", payload, occurred_at, now, command_id,
            correlation_id, causation_id, actor, leaf,
        ))

    def _outcome(self, command_id: str, status: str, first: int, last: int, result: bytes) -> None:
        sequence, body = len(self.outcomes) + 1, b'{"command":"%b"}' % command_id[:1].encode()
        row = CommandRow(
            0, first, last, 0, 0, command_id, b"f", status, body, result, b"[]"  # type: ignore[arg-type]
        )
        self.outcomes.append(OutcomeRow(
            sequence, command_id, b"f", status, first, last, body, result,
            former_outcome_leaf(row, sequence),
        ))


def _tree(rows: Sequence[EventRow] | Sequence[OutcomeRow]) -> CompactRange:
    return CompactRange().extend([row.leaf or b"" for row in rows])[0]


def _mark(file: sqlite3.Connection, version: int) -> None:
    file.execute(f"PRAGMA application_id={APPLICATION_ID}")
    file.execute(f"PRAGMA user_version={version}")


def _schema_of_version_2() -> list[str]:
    """Return the statements that made the tables, indexes and triggers of a log."""
    with closing(sqlite3.connect(":memory:")) as golden:
        golden.executescript((GOLDEN / "version_2" / "ledger.sql").read_text())
        found = golden.execute("SELECT sql, tbl_name FROM sqlite_master WHERE sql NOTNULL")
        return [sql for sql, table in found if table in (*_OF_THE_LOG, "ledger_head")]


def _marks(count: int) -> str:
    return ", ".join("?" * count)
