"""The tables of a ledger in SQLite, and the triggers that keep the log append-only.

``commands`` is the log: a row holds a command, what became of it and the events that it led to.
``stream_index`` says where the events of a stream are. Times are microseconds since 1970 in UTC.
``ledger_head`` holds one row: the end of the log and the head of the hash tree. ``leaf`` is the
hash of a row; ``seal_nodes`` stores the hash of every 256 of them, and of every 256 of those, so
that a proof need not read the whole log. The views ``events`` and ``outcomes`` are for people.
"""

from stocktrail.ledger.store.merkle.tree import EMPTY_ROOT

APPLICATION_ID = 0x53544C47
"""Marks a SQLite file as a stocktrail ledger (``PRAGMA application_id``)."""

SCHEMA_VERSION = 3
"""Version 1 had no hash trees; up to version 2 every event and every outcome was a row."""

TABLES = (
    """CREATE TABLE IF NOT EXISTS commands (
        sequence INTEGER PRIMARY KEY,
        first_position INTEGER NOT NULL,
        last_position INTEGER NOT NULL,
        occurred_at INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        command_id TEXT UNIQUE,
        fingerprint BLOB NOT NULL,
        status TEXT NOT NULL,
        body BLOB NOT NULL,
        result BLOB NOT NULL,
        events BLOB NOT NULL,
        correlation_id TEXT,
        causation_id TEXT,
        actor TEXT,
        credential TEXT,
        group_sequence INTEGER,
        leaf BLOB NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS stream_index (
        stream TEXT NOT NULL,
        version INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (stream, version)
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS stored_snapshots (
        originator_id TEXT,
        originator_version INTEGER,
        topic TEXT,
        state BLOB,
        PRIMARY KEY (originator_id, originator_version)
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS ledger_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sequence INTEGER NOT NULL,
        position INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        root BLOB NOT NULL,
        edge BLOB NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS seal_nodes (
        level INTEGER NOT NULL,
        number INTEGER NOT NULL,
        hash BLOB NOT NULL,
        PRIMARY KEY (level, number)
    ) WITHOUT ROWID""",
    f"""INSERT INTO ledger_head SELECT 1, 0, 0, 0, x'{EMPTY_ROOT.hex()}', x''
        WHERE NOT EXISTS (SELECT 1 FROM ledger_head)""",
)


def _moment(column: str) -> str:
    return (
        f"strftime('%Y-%m-%dT%H:%M:%S', {column} / 1000000, 'unixepoch') || "
        f"printf('.%06dZ', {column} % 1000000)"
    )


_OCCURRED = "coalesce(e.value ->> 'occurred_at', c.occurred_at)"
_RECORDED = "coalesce(e.value ->> 'recorded_at', c.recorded_at + e.key)"

VIEWS = (
    f"""CREATE VIEW IF NOT EXISTS events AS SELECT
        c.first_position + e.key AS position,
        e.value ->> 'stream' AS stream,
        e.value ->> 'version' AS version,
        e.value ->> 'type' AS type,
        e.value -> 'data' AS data,
        {_moment(_OCCURRED)} AS occurred_at,
        {_moment(_RECORDED)} AS recorded_at,
        CASE c.status WHEN 'part' THEN CAST(c.body AS TEXT) ->> 'part_of' ELSE c.command_id END
            AS command_id,
        c.correlation_id, c.causation_id, c.actor, c.credential, c.group_sequence, c.sequence
    FROM commands c, json_each(CAST(c.events AS TEXT)) e""",
    f"""CREATE VIEW IF NOT EXISTS outcomes AS SELECT
        sequence, command_id, status, first_position, last_position,
        CAST(body AS TEXT) AS command, CAST(result AS TEXT) AS result,
        lower(hex(fingerprint)) AS fingerprint,
        {_moment('occurred_at')} AS occurred_at, {_moment('recorded_at')} AS recorded_at,
        correlation_id, causation_id, actor, credential, group_sequence
    FROM commands WHERE command_id IS NOT NULL""",
)


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
    *(
        _refuse(table, action) for table in ("commands", "stream_index", "seal_nodes")
        for action in ("UPDATE", "DELETE")
    ),
    _refuse("ledger_head", "DELETE"),
    _refuse(
        "ledger_head", "UPDATE",
        "WHEN NEW.position < OLD.position OR NEW.sequence < OLD.sequence ",
    ),
    _refuse_insert(
        "commands",
        "NEW.sequence <> (SELECT MAX(sequence) FROM commands) + 1 OR EXISTS "
        "(SELECT 1 FROM commands WHERE command_id = NEW.command_id)",
    ),
    _refuse_insert(
        "stream_index",
        "EXISTS (SELECT 1 FROM stream_index WHERE stream = NEW.stream AND version = NEW.version)",
    ),
    _refuse_insert(
        "seal_nodes",
        "EXISTS (SELECT 1 FROM seal_nodes WHERE level = NEW.level AND number = NEW.number)",
    ),
    _refuse_insert("ledger_head", "EXISTS (SELECT 1 FROM ledger_head)"),
)
