CREATE TABLE "former".ledger_format (
    program text NOT NULL,
    schema_version bigint NOT NULL
);
CREATE TABLE "former".ledger_head (
    id bigint PRIMARY KEY CHECK (id = 1),
    position bigint NOT NULL,
    recorded_at bigint NOT NULL,
    fence bigint NOT NULL
) WITH (fillfactor = 10);
CREATE TABLE "former".stored_events (
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
    actor text COLLATE "C"
);
CREATE UNIQUE INDEX stored_events_stream
    ON "former".stored_events (originator_id, originator_version);
CREATE TABLE "former".stored_commands (
    sequence bigint PRIMARY KEY,
    command_id text COLLATE "C" NOT NULL UNIQUE,
    fingerprint bytea NOT NULL,
    status text COLLATE "C" NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    body bytea NOT NULL,
    result bytea NOT NULL
);
CREATE TABLE "former".stored_snapshots (
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text COLLATE "C",
    state bytea,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE TABLE "former".tracking (
    application_name text COLLATE "C" PRIMARY KEY,
    notification_id bigint
);
INSERT INTO "former".ledger_head VALUES (1, 0, 0, 0);
INSERT INTO "former".tracking VALUES ('__migration__', 1);

CREATE VIEW "former".events AS SELECT
    position, originator_id AS stream, originator_version AS version, topic AS type,
    convert_from(state, 'UTF8')::json AS data,
    'epoch'::timestamptz + occurred_at * interval '1 microsecond' AS occurred_at,
    'epoch'::timestamptz + recorded_at * interval '1 microsecond' AS recorded_at,
    command_id, correlation_id, causation_id, actor
FROM "former".stored_events;
CREATE VIEW "former".commands AS SELECT
    sequence, command_id, status, first_position, last_position,
    convert_from(body, 'UTF8')::json AS command, convert_from(result, 'UTF8')::json AS result,
    encode(fingerprint, 'hex') AS fingerprint
FROM "former".stored_commands;

CREATE FUNCTION "former".append_group(
    expected bigint, expected_fence bigint, head_position bigint, head_recorded_at bigint,
    e_position bigint[], e_stream text[], e_version bigint[], e_topic text[], e_state bytea[],
    e_occurred bigint[], e_recorded bigint[], e_command text[], e_correlation text[],
    e_causation text[], e_actor text[],
    o_command text[], o_fingerprint bytea[], o_status text[], o_first bigint[], o_last bigint[],
    o_body bytea[], o_result bytea[],
    s_stream text[], s_version bigint[], s_topic text[], s_state bytea[]
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE "former".ledger_head SET position = head_position, recorded_at = head_recorded_at
        WHERE id = 1 AND position = expected AND fence = expected_fence;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF e_position IS NOT NULL THEN
        INSERT INTO "former".stored_events SELECT * FROM unnest(
            e_position, e_stream, e_version, e_topic, e_state, e_occurred, e_recorded, e_command,
            e_correlation, e_causation, e_actor
        );
    END IF;
    IF o_command IS NOT NULL THEN
        INSERT INTO "former".stored_commands
        SELECT
            (SELECT coalesce(max(sequence), 0) FROM "former".stored_commands) + o.ordinality,
            o.command, o.fingerprint, o.status, o.first, o.last, o.body, o.result
        FROM unnest(o_command, o_fingerprint, o_status, o_first, o_last, o_body, o_result)
            WITH ORDINALITY AS o(command, fingerprint, status, first, last, body, result);
    END IF;
    IF s_stream IS NOT NULL THEN
        INSERT INTO "former".stored_snapshots
        SELECT * FROM unnest(s_stream, s_version, s_topic, s_state)
        ON CONFLICT (originator_id, originator_version)
            DO UPDATE SET topic = excluded.topic, state = excluded.state;
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION "former".take_turn(
    milliseconds bigint, urgent_milliseconds bigint, is_urgent boolean
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF is_urgent THEN
        PERFORM pg_catalog.pg_try_advisory_lock(1398033411, -743107858);
    END IF;
    IF pg_catalog.pg_try_advisory_lock(1398033410, -743107858) THEN
        RETURN true;
    END IF;
    IF is_urgent OR NOT pg_catalog.pg_try_advisory_xact_lock_shared(1398033411, -743107858) THEN
        milliseconds := urgent_milliseconds;
    END IF;
    IF milliseconds = 0 THEN
        RETURN false;
    END IF;
    PERFORM pg_catalog.set_config('lock_timeout', milliseconds::text, true);
    PERFORM pg_catalog.pg_advisory_lock(1398033410, -743107858);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
CREATE FUNCTION "former".raise_fence() RETURNS bigint
LANGUAGE sql SECURITY DEFINER AS $$
    UPDATE "former".ledger_head SET fence = fence + 1 WHERE id = 1 RETURNING fence
$$;
CREATE FUNCTION "former".lock_head() RETURNS bigint
LANGUAGE sql SECURITY DEFINER AS $$
    SELECT position FROM "former".ledger_head WHERE id = 1 FOR UPDATE
$$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "former" FROM PUBLIC;

CREATE FUNCTION "former".refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION "former".only_at_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT max(position) FROM "former".stored_events)
        IS DISTINCT FROM (SELECT position FROM "former".ledger_head) THEN
        RAISE EXCEPTION 'stored_events is append-only: nothing is skipped or put beyond its end'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER only_at_end AFTER INSERT ON "former".stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION "former".only_at_end();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "former".stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION "former".refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "former".stored_commands
    FOR EACH STATEMENT EXECUTE FUNCTION "former".refuse();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON "former".ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION "former".refuse();
CREATE TRIGGER only_forward BEFORE UPDATE ON "former".ledger_head FOR EACH ROW
    WHEN (NEW.position < OLD.position OR NEW.fence < OLD.fence)
    EXECUTE FUNCTION "former".refuse();
INSERT INTO "former".ledger_format VALUES ('stocktrail', 1);
