"""Dividing the log of a ledger in PostgreSQL into partitions, each a range of rows.

A partition that the log has left is never written again: it is frozen once, and may lie on another
disk. The next one is made by the append that enters the one before it. A key of a partitioned table
holds what it is partitioned by, so the ids of all commands stand in a table of their own.
"""

from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.rights import Rights
from stocktrail.ledger.store.postgres.schema import (
    APPEND,
    CREATING,
    PARTITIONED_VERSION,
    VIEWS,
    WRITER,
    guards_of_log,
    in_schema,
    lock_key,
)

KEEP_IDS = """
    INSERT INTO {schema}.command_ids
    SELECT * FROM unnest(c_command, c_sequence) AS c (id, row) WHERE c.id IS NOT NULL;"""

# The table that is there becomes the first partition as it is: none of its rows is written again.
# It keeps its index of ids for programs that have the ledger open and do not know of command_ids.
_PARTITIONED = """
CREATE TABLE {schema}.command_ids AS
    SELECT command_id, sequence FROM {schema}.commands WHERE command_id IS NOT NULL;
ALTER TABLE {schema}.command_ids ADD PRIMARY KEY (command_id), ALTER sequence SET NOT NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.command_ids
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
DROP VIEW {schema}.events, {schema}.outcomes;
ALTER TABLE {schema}.commands RENAME CONSTRAINT commands_pkey TO commands_from_1_pkey;
ALTER TABLE {schema}.commands RENAME TO commands_from_1;
CREATE TABLE {schema}.commands (
    LIKE {schema}.commands_from_1 INCLUDING STORAGE, PRIMARY KEY (sequence)
) PARTITION BY RANGE (sequence);
ALTER TABLE {schema}.commands
    ATTACH PARTITION {schema}.commands_from_1 FOR VALUES FROM (1) TO ({end} + 1);
ALTER TABLE {schema}.ledger_head
    ADD partition_rows bigint NOT NULL DEFAULT {rows},
    ADD partition_end bigint NOT NULL DEFAULT {end};
"""

# An empty partition is ahead at all times. A query that was planned before a partition was there
# does not see it, so the first row of a partition must come long after the partition itself; and a
# lock that VACUUM or ANALYZE of the whole log holds need not be waited for: the next append tries
# again, until there is no room left.
_KEPT_AHEAD = """
CREATE FUNCTION {schema}.add_partition(first bigint, last bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($part$
        CREATE TABLE {schema}.%1$I (LIKE {schema}.commands INCLUDING ALL);
        ALTER TABLE {schema}.commands
            ATTACH PARTITION {schema}.%1$I FOR VALUES FROM (%2$s) TO (%3$s);
""" + guards_of_log("{schema}.%1$I") + """
    $part$, 'commands_from_' || first, first, last + 1);
END $$;
CREATE FUNCTION {schema}.keep_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WHILE NEW.sequence + NEW.partition_rows > NEW.partition_end LOOP
        BEGIN
            LOCK TABLE ONLY {schema}.commands IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
        EXCEPTION WHEN lock_not_available THEN
            IF NEW.sequence <= NEW.partition_end THEN
                RETURN NEW;
            END IF;
        END;
        PERFORM {schema}.add_partition(
            NEW.partition_end + 1, NEW.partition_end + NEW.partition_rows
        );
        NEW.partition_end := NEW.partition_end + NEW.partition_rows;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_room BEFORE UPDATE ON {schema}.ledger_head FOR EACH ROW
    WHEN (NEW.sequence + NEW.partition_rows > NEW.partition_end)
    EXECUTE FUNCTION {schema}.keep_room();
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
"""

# The head is written so that there is room from the start.
_MARKED = f"""
UPDATE {{schema}}.ledger_head SET partition_rows = {{rows}};
UPDATE {{schema}}.ledger_format SET schema_version = {PARTITIONED_VERSION};
"""

_OWNER = (
    "SELECT quote_ident(tableowner) FROM pg_tables "
    "WHERE schemaname = current_schema() AND tablename = 'ledger_head'"
)

_PUBLISHED = (
    "SELECT EXISTS (SELECT FROM pg_publication_tables "
    "WHERE schemaname = current_schema() AND tablename = 'commands')"
)


def partition_log(datastore: PostgresLedgerDatastore, rows: int) -> bool:
    """Divide a log into partitions of so many rows; return whether it was whole before.

    What is there becomes the first partition. Of a log that is divided already only the partitions
    to come are as large as this. It is one transaction, for which writers wait. The user must be
    the owner of the ledger. Raises :class:`StorageError` (``log_is_published``) for a log that is
    replicated logically, because its replicas would follow the former table.
    """
    key = lock_key(datastore.schema)
    with datastore.writing_models() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({CREATING}, {key})")
        cursor.execute(f"SELECT pg_advisory_xact_lock({WRITER}, {key})")
        cursor.execute(_OWNER)
        cursor.execute(f"SET LOCAL ROLE {cursor.fetchone()[0]}")
        cursor.execute("SELECT schema_version FROM ledger_format")
        if cursor.fetchone()[0] == PARTITIONED_VERSION:
            cursor.execute("UPDATE ledger_head SET partition_rows = :rows", {"rows": rows})
            return False
        cursor.execute(_PUBLISHED)
        if cursor.fetchone()[0]:
            raise StorageError(
                "log_is_published",
                "The log is replicated to another server. Drop the publication, partition the log, "
                "and set up publication and replica again.",
            )
        cursor.execute("LOCK TABLE ledger_head, commands IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SELECT sequence FROM ledger_head")
        end = max(cursor.fetchone()[0], rows)
        rights = Rights.of(cursor, "commands")
        for statements in (
            _PARTITIONED + guards_of_log("{schema}.commands"), VIEWS, APPEND, _KEPT_AHEAD, _MARKED
        ):
            cursor.execute(in_schema(
                statements, datastore.schema, keep_ids=KEEP_IDS, rows=rows, end=end
            ))
        rights.grant(cursor, "commands, command_ids, events, outcomes")
    return True
