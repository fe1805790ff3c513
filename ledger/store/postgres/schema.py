"""The schema of a ledger in PostgreSQL: tables, the function that appends, and the triggers.

``stored_events`` has the columns of the ``eventsourcing`` library and metadata, in the same order
as in SQLite; times are microseconds since 1970 in UTC. ``ledger_head`` holds one row: the end of
the log and the heads of the hash trees; ``leaf`` is the hash of a row in its tree, and
``seal_nodes`` stores the hash of every 256 of them. Payloads are stored byte for byte; the views
``events`` and ``commands`` show them as JSON and timestamps for readers with SQL.

Texts are compared byte by byte (``COLLATE "C"``), so that the order is the same as in SQLite,
whatever the collation of the database.
"""

from zlib import crc32

from stocktrail.ledger.store.merkle.tree import EMPTY_ROOT

SCHEMA_VERSION = 2
"""Version 1 had no hash trees; such a schema can be read, but is not written any more."""

LOCKS = 0x53544C00
"""The class of a ledger's advisory locks; the second half of the key is derived from its schema."""

CREATING, FOLDING, WRITER, PRIORITY = LOCKS, LOCKS + 1, LOCKS + 2, LOCKS + 3

_TABLES = """
CREATE TABLE {schema}.ledger_format (
    program text NOT NULL,
    schema_version bigint NOT NULL
);
CREATE TABLE {schema}.ledger_head (
    id bigint PRIMARY KEY CHECK (id = 1),
    position bigint NOT NULL,
    recorded_at bigint NOT NULL,
    fence bigint NOT NULL,
    event_root bytea NOT NULL,
    event_range bytea NOT NULL,
    command_count bigint NOT NULL,
    command_root bytea NOT NULL,
    command_range bytea NOT NULL
) WITH (fillfactor = 10);
CREATE TABLE {schema}.stored_events (
    position bigint PRIMARY KEY,
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    command_id text COLLATE "C",
    correlation_id text COLLATE "C",
    causation_id text COLLATE "C",
    actor text COLLATE "C",
    leaf bytea NOT NULL
);
CREATE UNIQUE INDEX stored_events_stream
    ON {schema}.stored_events (originator_id, originator_version);
CREATE TABLE {schema}.stored_commands (
    sequence bigint PRIMARY KEY,
    command_id text COLLATE "C" NOT NULL UNIQUE,
    fingerprint bytea NOT NULL,
    status text COLLATE "C" NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    body bytea NOT NULL,
    result bytea NOT NULL,
    leaf bytea NOT NULL
);
CREATE TABLE {schema}.seal_nodes (
    tree bigint NOT NULL,
    level bigint NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tree, level, number)
);
CREATE TABLE {schema}.stored_snapshots (
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text COLLATE "C",
    state bytea,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE TABLE {schema}.tracking (
    application_name text COLLATE "C" PRIMARY KEY,
    notification_id bigint
);
INSERT INTO {schema}.ledger_head VALUES (1, 0, 0, 0, '{root}', '', 0, '{root}', '');
INSERT INTO {schema}.tracking VALUES ('__migration__', 1);
"""

_VIEWS = """
CREATE VIEW {schema}.events AS SELECT
    position, originator_id AS stream, originator_version AS version, topic AS type,
    convert_from(state, 'UTF8')::json AS data,
    'epoch'::timestamptz + occurred_at * interval '1 microsecond' AS occurred_at,
    'epoch'::timestamptz + recorded_at * interval '1 microsecond' AS recorded_at,
    command_id, correlation_id, causation_id, actor
FROM {schema}.stored_events;
CREATE VIEW {schema}.commands AS SELECT
    sequence, command_id, status, first_position, last_position,
    convert_from(body, 'UTF8')::json AS command, convert_from(result, 'UTF8')::json AS result,
    encode(fingerprint, 'hex') AS fingerprint
FROM {schema}.stored_commands;
"""

# The head moves first: its row lock admits one group at a time, and the others see that they lost.
# The fence is raised when a writer settles a commit whose reply was lost: an append of that commit
# that is still in transit, in a network or in a stopped server, can then never be recorded.
_FUNCTIONS = """
CREATE FUNCTION {schema}.append_group(
    expected bigint, expected_fence bigint, expected_commands bigint,
    head_position bigint, head_recorded_at bigint,
    head_event_root bytea, head_event_range bytea,
    head_command_count bigint, head_command_root bytea, head_command_range bytea,
    e_position bigint[], e_stream text[], e_version bigint[], e_topic text[], e_state bytea[],
    e_occurred bigint[], e_recorded bigint[], e_command text[], e_correlation text[],
    e_causation text[], e_actor text[], e_leaf bytea[],
    o_command text[], o_fingerprint bytea[], o_status text[], o_first bigint[], o_last bigint[],
    o_body bytea[], o_result bytea[], o_leaf bytea[],
    n_tree bigint[], n_level bigint[], n_number bigint[], n_hash bytea[],
    s_stream text[], s_version bigint[], s_topic text[], s_state bytea[]
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE {schema}.ledger_head SET position = head_position, recorded_at = head_recorded_at,
        event_root = head_event_root, event_range = head_event_range,
        command_count = head_command_count, command_root = head_command_root,
        command_range = head_command_range
        WHERE id = 1 AND position = expected AND fence = expected_fence
        AND command_count = expected_commands;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF e_position IS NOT NULL THEN
        INSERT INTO {schema}.stored_events SELECT * FROM unnest(
            e_position, e_stream, e_version, e_topic, e_state, e_occurred, e_recorded, e_command,
            e_correlation, e_causation, e_actor, e_leaf
        );
    END IF;
    IF o_command IS NOT NULL THEN
        INSERT INTO {schema}.stored_commands
        SELECT
            expected_commands + o.ordinality, o.command, o.fingerprint, o.status, o.first, o.last,
            o.body, o.result, o.leaf
        FROM unnest(o_command, o_fingerprint, o_status, o_first, o_last, o_body, o_result, o_leaf)
            WITH ORDINALITY AS o(command, fingerprint, status, first, last, body, result, leaf);
    END IF;
    IF n_tree IS NOT NULL THEN
        INSERT INTO {schema}.seal_nodes SELECT * FROM unnest(n_tree, n_level, n_number, n_hash);
    END IF;
    IF s_stream IS NOT NULL THEN
        INSERT INTO {schema}.stored_snapshots
        SELECT * FROM unnest(s_stream, s_version, s_topic, s_state)
        ON CONFLICT (originator_id, originator_version)
            DO UPDATE SET topic = excluded.topic, state = excluded.state;
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION {schema}.take_turn(
    milliseconds bigint, urgent_milliseconds bigint, is_urgent boolean
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF is_urgent THEN
        PERFORM pg_catalog.pg_try_advisory_lock({urgent}, {key});
    END IF;
    IF pg_catalog.pg_try_advisory_lock({turn}, {key}) THEN
        RETURN true;
    END IF;
    IF is_urgent OR NOT pg_catalog.pg_try_advisory_xact_lock_shared({urgent}, {key}) THEN
        milliseconds := urgent_milliseconds;
    END IF;
    IF milliseconds = 0 THEN
        RETURN false;
    END IF;
    PERFORM pg_catalog.set_config('lock_timeout', milliseconds::text, true);
    PERFORM pg_catalog.pg_advisory_lock({turn}, {key});
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
CREATE FUNCTION {schema}.raise_fence() RETURNS bigint
LANGUAGE sql SECURITY DEFINER AS $$
    UPDATE {schema}.ledger_head SET fence = fence + 1 WHERE id = 1 RETURNING fence
$$;
CREATE FUNCTION {schema}.lock_head() RETURNS bigint
LANGUAGE sql SECURITY DEFINER AS $$
    SELECT position FROM {schema}.ledger_head WHERE id = 1 FOR UPDATE
$$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
"""

_GUARDS = """
CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION {schema}.only_at_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT max(position) FROM {schema}.stored_events)
        IS DISTINCT FROM (SELECT position FROM {schema}.ledger_head) THEN
        RAISE EXCEPTION 'stored_events is append-only: nothing is skipped or put beyond its end'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER only_at_end AFTER INSERT ON {schema}.stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.only_at_end();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.stored_commands
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.seal_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON {schema}.ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER only_forward BEFORE UPDATE ON {schema}.ledger_head FOR EACH ROW
    WHEN (NEW.position < OLD.position OR NEW.fence < OLD.fence
        OR NEW.command_count < OLD.command_count)
    EXECUTE FUNCTION {schema}.refuse();
"""

# Last, so that a schema with this row is complete.
_MARK = "INSERT INTO {schema}.ledger_format VALUES ('stocktrail', {version});"


def lock_key(schema: str) -> int:
    """Return the second half of the keys of a ledger's advisory locks."""
    return crc32(schema.encode()) - (1 << 31)


def create_statements(schema: str) -> str:
    """Return the statements that make an empty schema a ledger, to be run in one transaction.

    >>> 'CREATE TABLE "paris".stored_events' in create_statements("paris")
    True
    """
    written = _TABLES + _VIEWS + _FUNCTIONS + _GUARDS + _MARK
    return written.format(
        schema=f'"{schema}"', turn=WRITER, urgent=PRIORITY, key=lock_key(schema),
        version=SCHEMA_VERSION, root=f"\\x{EMPTY_ROOT.hex()}",
    )
