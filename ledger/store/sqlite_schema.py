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
    """CREATE TABLE IF NOT EXISTS ledger_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        position INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL
    )""",
    "INSERT OR IGNORE INTO ledger_head (id, position, recorded_at) VALUES (1, 0, 0)",
)


def _refuse(table: str, action: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"{when}BEGIN SELECT RAISE(ABORT, '{table} is append-only: {action} is refused'); END"
    )


TRIGGERS = (
    _refuse("stored_events", "UPDATE"),
    _refuse("stored_events", "DELETE"),
    _refuse("stored_commands", "UPDATE"),
    _refuse("stored_commands", "DELETE"),
    _refuse("ledger_head", "DELETE"),
    _refuse("ledger_head", "UPDATE", "WHEN NEW.position < OLD.position "),
)
