"""The schema of a ledger in PostgreSQL: tables, the function that appends, and the triggers.

``commands`` is the log: a row holds a command, what became of it and the events that it led to.
``stream_index`` says where the events of a stream are. Times are microseconds since 1970 in UTC.
``ledger_head`` holds one row: the end of the log and the head of the hash tree. ``leaf`` is the
hash of a row; ``seal_nodes`` stores the hash of every 256 of them, and of every 256 of those. What
is JSON is stored byte for byte; the views ``events`` and ``outcomes`` show it to readers with SQL.

Texts are compared byte by byte (``COLLATE "C"``), so that the order is the same as in SQLite,
whatever the collation of the database.
"""

from zlib import crc32

from stocktrail.ledger.store.merkle.tree import EMPTY_ROOT

SCHEMA_VERSION = 3
"""Version 1 had no hash trees; up to version 2 every event and every outcome was a row."""

PARTITIONED_VERSION = 4
"""The version of a schema whose log was divided into partitions; see ``partitions``."""

LOCKS = 0x53544C00
"""The class of a ledger's advisory locks; the second half of the key is derived from its schema."""

CREATING, FOLDING, WRITER, PRIORITY = LOCKS, LOCKS + 1, LOCKS + 2, LOCKS + 3

# The same in every version of the schema.
KEPT_TABLES = """
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
INSERT INTO {schema}.tracking VALUES ('__migration__', 1);
"""

TABLES = """
CREATE TABLE {schema}.ledger_format (
    program text NOT NULL,
    schema_version bigint NOT NULL
);
CREATE TABLE {schema}.commands (
    sequence bigint PRIMARY KEY,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    command_id text COLLATE "C" UNIQUE,
    fingerprint bytea NOT NULL,
    status text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    result bytea NOT NULL,
    events bytea NOT NULL,
    correlation_id text COLLATE "C",
    causation_id text COLLATE "C",
    actor text COLLATE "C",
    credential text COLLATE "C",
    group_sequence bigint,
    leaf bytea NOT NULL
);
CREATE TABLE {schema}.stream_index (
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    sequence bigint NOT NULL,
    place bigint NOT NULL,
    PRIMARY KEY (stream, version)
);
CREATE TABLE {schema}.ledger_head (
    id bigint PRIMARY KEY CHECK (id = 1),
    sequence bigint NOT NULL,
    position bigint NOT NULL,
    recorded_at bigint NOT NULL,
    fence bigint NOT NULL,
    root bytea NOT NULL,
    edge bytea NOT NULL
) WITH (fillfactor = 10);
CREATE TABLE {schema}.seal_nodes (
    level bigint NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, number)
);
INSERT INTO {schema}.ledger_head VALUES (1, 0, 0, 0, 0, '{root}', '');
"""


def _moment(microseconds: str) -> str:
    return f"'epoch'::timestamptz + {microseconds} * interval '1 microsecond'"


VIEWS = f"""
CREATE VIEW {{schema}}.events AS SELECT
    c.first_position + e.number - 1 AS position,
    e.value ->> 'stream' AS stream,
    (e.value ->> 'version')::bigint AS version,
    e.value ->> 'type' AS type,
    e.value -> 'data' AS data,
    {_moment("coalesce((e.value ->> 'occurred_at')::bigint, c.occurred_at)")} AS occurred_at,
    {_moment("coalesce((e.value ->> 'recorded_at')::bigint, c.recorded_at + e.number - 1)")}
        AS recorded_at,
    CASE c.status WHEN 'part' THEN convert_from(c.body, 'UTF8')::json ->> 'part_of'
        ELSE c.command_id END AS command_id,
    c.correlation_id, c.causation_id, c.actor, c.credential, c.group_sequence, c.sequence
FROM {{schema}}.commands c CROSS JOIN LATERAL
    json_array_elements(convert_from(c.events, 'UTF8')::json) WITH ORDINALITY AS e(value, number);
CREATE VIEW {{schema}}.outcomes AS SELECT
    sequence, command_id, status, first_position, last_position,
    convert_from(body, 'UTF8')::json AS command, convert_from(result, 'UTF8')::json AS result,
    encode(fingerprint, 'hex') AS fingerprint,
    {_moment("occurred_at")} AS occurred_at, {_moment("recorded_at")} AS recorded_at,
    correlation_id, causation_id, actor, credential, group_sequence
FROM {{schema}}.commands WHERE command_id IS NOT NULL;
"""

# The head moves first: its row lock admits one group at a time, and the others see that they lost.
# The fence is raised when a writer settles a commit whose reply was lost: an append of that commit
# that is still in transit, in a network or in a stopped server, can then never be recorded.
APPEND = """
CREATE OR REPLACE FUNCTION {schema}.append_group(
    expected_sequence bigint, expected_fence bigint,
    head_position bigint, head_recorded_at bigint, head_sequence bigint,
    head_root bytea, head_edge bytea,
    c_sequence bigint[], c_first bigint[], c_last bigint[], c_occurred bigint[],
    c_recorded bigint[], c_command text[], c_fingerprint bytea[], c_status text[], c_body bytea[],
    c_result bytea[], c_events bytea[], c_correlation text[], c_causation text[], c_actor text[],
    c_credential text[], c_group bigint[], c_leaf bytea[],
    i_stream text[], i_version bigint[], i_sequence bigint[], i_place bigint[],
    n_level bigint[], n_number bigint[], n_hash bytea[],
    s_stream text[], s_version bigint[], s_topic text[], s_state bytea[]
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE {schema}.ledger_head SET sequence = head_sequence, position = head_position,
        recorded_at = head_recorded_at, root = head_root, edge = head_edge
        WHERE id = 1 AND sequence = expected_sequence AND fence = expected_fence;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO {schema}.commands SELECT * FROM unnest(
        c_sequence, c_first, c_last, c_occurred, c_recorded, c_command, c_fingerprint, c_status,
        c_body, c_result, c_events, c_correlation, c_causation, c_actor, c_credential, c_group,
        c_leaf
    );{keep_ids}
    IF i_stream IS NOT NULL THEN
        INSERT INTO {schema}.stream_index
        SELECT * FROM unnest(i_stream, i_version, i_sequence, i_place);
    END IF;
    IF n_level IS NOT NULL THEN
        INSERT INTO {schema}.seal_nodes SELECT * FROM unnest(n_level, n_number, n_hash);
    END IF;
    IF s_stream IS NOT NULL THEN
        INSERT INTO {schema}.stored_snapshots
        SELECT * FROM unnest(s_stream, s_version, s_topic, s_state)
        ON CONFLICT (originator_id, originator_version)
            DO UPDATE SET topic = excluded.topic, state = excluded.state;
    END IF;
    RETURN true;
END $$;
"""

FUNCTIONS = """
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


def guards_of_log(table: str) -> str:
    """Return the statements that let rows be put at the end of a table of the log, and no more."""
    return f"""
CREATE TRIGGER only_at_end AFTER INSERT ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.only_at_end();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.refuse();
"""


GUARDS = """
CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION {schema}.only_at_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head bigint;
BEGIN
    SELECT sequence INTO head FROM {schema}.ledger_head;
    IF (SELECT max(sequence) FROM {schema}.commands WHERE sequence >= head)
        IS DISTINCT FROM head THEN
        RAISE EXCEPTION 'commands is append-only: nothing is skipped or put beyond its end'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.stream_index
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.seal_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON {schema}.ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER only_forward BEFORE UPDATE ON {schema}.ledger_head FOR EACH ROW
    WHEN (NEW.position < OLD.position OR NEW.fence < OLD.fence OR NEW.sequence < OLD.sequence)
    EXECUTE FUNCTION {schema}.refuse();
""" + guards_of_log("{schema}.commands")

# Last, so that a schema with this row is complete.
_MARK = "INSERT INTO {schema}.ledger_format VALUES ('stocktrail', {version});"

PRESENT_FORMAT = TABLES + VIEWS + APPEND + FUNCTIONS + GUARDS + _MARK

_FORMER_FORMAT = """
DROP VIEW {schema}.events, {schema}.commands;
DROP FUNCTION {schema}.append_group;
DROP FUNCTION {schema}.lock_head;
DROP FUNCTION {schema}.raise_fence;
DROP FUNCTION {schema}.take_turn;
DROP FUNCTION {schema}.refuse CASCADE;
DROP FUNCTION {schema}.only_at_end CASCADE;
DROP TABLE {schema}.ledger_format, {schema}.ledger_head;
DROP TABLE IF EXISTS {schema}.seal_nodes;
"""


def lock_key(schema: str) -> int:
    """Return the second half of the keys of a ledger's advisory locks."""
    return crc32(schema.encode()) - (1 << 31)


def create_statements(schema: str) -> str:
    """Return the statements that make an empty schema a ledger, to be run in one transaction.

    >>> 'CREATE TABLE "paris".commands' in create_statements("paris")
    True
    """
    return in_schema(KEPT_TABLES + PRESENT_FORMAT, schema)


def upgrade_statements(schema: str) -> str:
    """Return the statements that give a schema of a former version the present, empty tables.

    The former events and outcomes stay, to be read and then dropped; so do snapshots and positions.
    """
    return in_schema(_FORMER_FORMAT + PRESENT_FORMAT, schema)


def in_schema(statements: str, schema: str, *, keep_ids: str = "", **given: int) -> str:
    """Return statements about a schema, with numbers; appending keeps ids as it is told."""
    return statements.replace("{keep_ids}", keep_ids).format(
        schema=f'"{schema}"', turn=WRITER, urgent=PRIORITY, key=lock_key(schema),
        version=SCHEMA_VERSION, root=f"\\x{EMPTY_ROOT.hex()}", **given,
    )
