"""The tables of a ledger in SQLite, and the triggers that keep the log append-only.

``stored_events`` has the columns of the ``eventsourcing`` library and the metadata beside them.
Times are microseconds since 1970 in UTC. ``ledger_head`` holds one row: the end of the log.
"""

APPLICATION_ID = 0x53544C47
"""Marks a SQLite file as a stocktrail ledger (``PRAGMA application_id``)."""

SCHEMA_VERSION = 1

TABLES = (
    """CREATE TABLE IF NOT EXISTS stored_events (
        position INTEGER PRIMARY KEY,
        originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL,
        state BLOB NOT NULL,
        occurred_at INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        command_id TEXT,
        correlation_id TEXT,
        causation_id TEXT,
        actor TEXT
    )""",
    """CREATE UNIQUE INDEX IF NOT EXISTS stored_events_stream
        ON stored_events (originator_id, originator_version)""",
    """CREATE TABLE IF NOT EXISTS stored_commands (
        sequence INTEGER PRIMARY KEY,
        command_id TEXT NOT NULL UNIQUE,
        fingerprint BLOB NOT NULL,
        status TEXT NOT NULL,
        first_position INTEGER NOT NULL,
        last_position INTEGER NOT NULL,
        body BLOB NOT NULL,
        result BLOB NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS stored_snapshots (
        originator_id TEXT,
        originator_version INTEGER,
        topic TEXT,
        state BLOB,
        PRIMARY KEY (originator_id, originator_version)
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS ledger_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        position INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL
    )""",
    """INSERT INTO ledger_head (id, position, recorded_at)
        SELECT 1, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM ledger_head)""",
)


def _refuse(table: str, action: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"{when}BEGIN SELECT RAISE(ABORT, '{table} is append-only: {action} is refused'); END"
    )


def _refuse_insert(table: str, when: str) -> str:
    # INSERT OR REPLACE deletes what is in its way, and no DELETE trigger hears of it.
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_only_at_end BEFORE INSERT ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: nothing is skipped or replaced'); END"
    )


TRIGGERS = (
    _refuse("stored_events", "UPDATE"),
    _refuse("stored_events", "DELETE"),
    _refuse("stored_commands", "UPDATE"),
    _refuse("stored_commands", "DELETE"),
    _refuse("ledger_head", "DELETE"),
    _refuse("ledger_head", "UPDATE", "WHEN NEW.position < OLD.position "),
    _refuse_insert(
        "stored_events",
        "NEW.position <> (SELECT MAX(position) FROM stored_events) + 1 OR EXISTS (SELECT 1 FROM "
        "stored_events WHERE originator_id = NEW.originator_id "
        "AND originator_version = NEW.originator_version)",
    ),
    _refuse_insert(
        "stored_commands",
        "EXISTS (SELECT 1 FROM stored_commands "
        "WHERE command_id = NEW.command_id OR sequence = NEW.sequence)",
    ),
    _refuse_insert("ledger_head", "EXISTS (SELECT 1 FROM ledger_head)"),
)
