"""The tables of a ledger in SQLite, and the triggers that keep the log append-only.

``stored_events`` has the columns of the ``eventsourcing`` library, and metadata. Times are
microseconds since 1970 in UTC. ``ledger_head`` holds one row: the end of the log and the heads of
the hash trees. ``leaf`` is the hash of a row in its tree; ``seal_nodes`` stores the hash of every
256 of them, and of every 256 of those, so that a proof need not read the whole log.
"""

from stocktrail.ledger.store.merkle.tree import EMPTY_ROOT

APPLICATION_ID = 0x53544C47
"""Marks a SQLite file as a stocktrail ledger (``PRAGMA application_id``)."""

SCHEMA_VERSION = 2
"""Version 1 had no hash trees; such a file is upgraded when it is opened for writing."""

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
        actor TEXT,
        leaf BLOB
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
        result BLOB NOT NULL,
        leaf BLOB
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
        recorded_at INTEGER NOT NULL,
        event_root BLOB,
        event_range BLOB,
        command_count INTEGER,
        command_root BLOB,
        command_range BLOB
    )""",
    """CREATE TABLE IF NOT EXISTS seal_nodes (
        tree INTEGER NOT NULL,
        level INTEGER NOT NULL,
        number INTEGER NOT NULL,
        hash BLOB NOT NULL,
        PRIMARY KEY (tree, level, number)
    ) WITHOUT ROWID""",
    f"""INSERT INTO ledger_head
        SELECT 1, 0, 0, x'{EMPTY_ROOT.hex()}', x'', 0, x'{EMPTY_ROOT.hex()}', x''
        WHERE NOT EXISTS (SELECT 1 FROM ledger_head)""",
)

ADDED_IN_2 = (
    "ALTER TABLE stored_events ADD COLUMN leaf BLOB",
    "ALTER TABLE stored_commands ADD COLUMN leaf BLOB",
    *(
        f"ALTER TABLE ledger_head ADD COLUMN {name} {kind}"
        for name, kind in (
            ("event_root", "BLOB"), ("event_range", "BLOB"), ("command_count", "INTEGER"),
            ("command_root", "BLOB"), ("command_range", "BLOB"),
        )
    ),
)
"""Columns that a file of version 1 lacks; missing tables are created as always."""


def _refuse(table: str, action: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"{when}BEGIN SELECT RAISE(ABORT, '{table} is append-only: {action} is refused'); END"
    )


def _refuse_insert(table: str, when: str) -> str:
    # INSERT OR REPLACE deletes what is in its way, and no DELETE trigger fires for it.
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
    _refuse(
        "ledger_head", "UPDATE",
        "WHEN NEW.position < OLD.position OR NEW.command_count < OLD.command_count ",
    ),
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
    _refuse("seal_nodes", "UPDATE"),
    _refuse("seal_nodes", "DELETE"),
    _refuse_insert(
        "seal_nodes",
        "EXISTS (SELECT 1 FROM seal_nodes WHERE tree = NEW.tree AND level = NEW.level "
        "AND number = NEW.number)",
    ),
    _refuse_insert("ledger_head", "EXISTS (SELECT 1 FROM ledger_head)"),
)
