"""Opening a ledger on a server: what a URL names, and a sentence with a code for all else."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres.schema import PARTITIONED_VERSION
from stocktrail.ledger.store.postgres_address import postgres_address
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.store.shop import assert_log_is_sound, order, send, statuses, stocked, table
from tests.store.test_opening import refused

Server = PostgresServer | ServerElsewhere
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "postgresql.md"


def as_superuser(server: Server, url: str, *statements: str) -> None:
    """Do something in the schema of a ledger behind the program's back."""
    with server.connect() as connection:
        connection.execute(f"SET search_path TO {postgres_address(url).schema}".encode())
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize("url", [
    "postgresql://", "postgresql://host", "postgresql://host/", "postgresql://host/a/b",
    "postgresql://host:port/shop", "postgresql://host/shop#1", "postgresql://host/shop?schema=",
    "postgresql://host/shop?schema=A", "postgresql://host/shop?schema=pg_x",
    "postgresql://host/shop?schema=x;drop", "postgresql://host/shop?options=-c",
    "postgresql://host/shop?schema", "postgresql://host/shop%00", "postgresql://a%00b@host/shop",
    "postgresql://anna:p%00@host/shop", "postgresql://h%00st/shop", "postgresql://caf\udce9/shop",
    "postgresql://caf%E9/shop", "postgresql://host/caf%E9", "postgresql://host/shop?role=%E9",
    "postgresql://a%5Bb/shop", "postgresql://[::1%40x]/shop",
])
def test_not_a_database_url(url: str) -> None:
    assert "postgresql://user" in refused(url, "bad_database_url")


@pytest.mark.parametrize("url", [
    "postgresql://[::1]:5433/shop?schema=paris", "postgresql://[fe80::1%25e]/shop?schema=a",
    "postgresql://a%2Fb%40c@host/shop?schema=paris",
    "postgresql://one,other/shop?schema=paris", "postgresql:///shop?host=/run/a%20b&schema=paris",
    "postgresql://a%25b@h%25st/sh%20op?schema=paris&role=the%20clerk",
])
def test_what_is_shown_names_the_same_database(url: str) -> None:
    address = postgres_address(url)
    assert address.where == url
    assert postgres_address(address.where) == address


def test_a_password_is_never_shown(postgres: Server) -> None:
    url = "postgresql://anna:p%40ss@127.0.0.1:1/shop?schema=paris"
    sentence = refused(url, "storage_failed")
    assert "p%40ss" not in sentence
    assert "p@ss" not in sentence
    assert "postgresql://anna@127.0.0.1:1/shop?schema=paris" in sentence


def test_no_such_database_and_no_such_ledger(postgres: Server, postgres_url: str) -> None:
    refused(postgres_url, "ledger_not_found", read_only=True)
    refused(postgres_url, "ledger_not_found", create=False)
    assert "createdb" in refused(
        postgres_url.replace("/postgres?", "/nowhere?"), "ledger_not_found"
    )


def test_a_schema_of_another_program_is_left_as_it_is(
    postgres: Server, postgres_url: str
) -> None:
    schema = postgres_address(postgres_url).schema
    with postgres.connect() as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        connection.execute(f"CREATE TABLE {schema}.recipes (name text)".encode())
    for read_only, create in ((False, True), (True, True), (False, False)):
        refused(postgres_url, "not_a_ledger", read_only=read_only, create=create)
    assert table(postgres_url, "SELECT count(*) FROM pg_class WHERE relnamespace = "
                 "current_schema()::regnamespace") == [(1,)]


def test_an_empty_schema_becomes_a_ledger(postgres: Server, postgres_url: str) -> None:
    with postgres.connect() as connection:
        connection.execute(f"CREATE SCHEMA {postgres_address(postgres_url).schema}".encode())
    with open_ledger(postgres_url) as ledger:
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted"] * 2


def test_a_later_version(postgres: Server, postgres_url: str) -> None:
    open_ledger(postgres_url).close()
    as_superuser(
        postgres, postgres_url,
        f"UPDATE ledger_format SET schema_version = {PARTITIONED_VERSION + 1}",
    )
    assert "Upgrade" in refused(postgres_url, "ledger_too_new")


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_loses_what_it_confirmed_is_refused(setting: str) -> None:
    with PostgresServer(**{setting: "off"}) as server:
        assert f"{setting}=on" in refused(server.url(), "database_not_durable")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_name_is_refused(
    postgres: Server, postgres_url: str, encoding: str
) -> None:
    name = f"in_{encoding.lower()}"
    url = postgres_url.replace("@/postgres?", f"@/{name}?")
    if url == postgres_url:
        pytest.skip("that server may not be given databases")
    with postgres.connect() as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C' "
            "TEMPLATE template0".encode()
        )
        try:
            assert "ENCODING 'UTF8'" in refused(url, "database_not_utf8")
        finally:
            connection.execute(f"DROP DATABASE {name}".encode())


def test_what_the_server_may_lose_is_said() -> None:
    with PostgresServer(synchronous_commit="off") as server, open_ledger(server.url()) as ledger:
        [warning] = ledger.warnings
        assert warning.startswith("synchronous_commit=off: if the server fails")


@pytest.mark.parametrize("statement", [
    "UPDATE commands SET actor = 'somebody'",
    "DELETE FROM commands WHERE sequence = 2",
    "DELETE FROM commands",
    "TRUNCATE commands",
    "UPDATE stream_index SET place = 1",
    "DELETE FROM stream_index WHERE stream = 'stock/TEA'",
    "TRUNCATE stream_index",
    "DELETE FROM seal_nodes",
    "TRUNCATE seal_nodes",
    "DELETE FROM ledger_head",
    "TRUNCATE ledger_head",
    "UPDATE ledger_head SET position = position - 1",
    "UPDATE ledger_head SET sequence = sequence - 1",
    "UPDATE ledger_head SET fence = fence - 1",
    "UPDATE ledger_head SET id = 2",
    "INSERT INTO commands SELECT * FROM commands WHERE sequence = 1",
    "INSERT INTO stream_index SELECT * FROM stream_index",
    "INSERT INTO ledger_head VALUES (1, 0, 0, 0, 0, '', '')",
    "INSERT INTO commands (sequence, first_position, last_position, occurred_at, recorded_at, "
    "fingerprint, status, body, result, events, leaf) SELECT sequence + 5, first_position, "
    "last_position, occurred_at, recorded_at, fingerprint, status, body, result, events, leaf "
    "FROM commands",
])
def test_what_is_in_the_log_cannot_be_changed(
    postgres: Server, postgres_url: str, statement: str
) -> None:
    with open_ledger(postgres_url) as ledger:
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted", "accepted"]
    with pytest.raises(psycopg.IntegrityError):
        as_superuser(postgres, postgres_url, statement)
    assert assert_log_is_sound(postgres_url) == 2


def test_an_auditor_reads_events_and_outcomes_as_json(postgres_url: str) -> None:
    with open_ledger(postgres_url) as ledger:
        send(ledger, [
            {**command, "occurred_at": "1996-07-04T00:00:00.000001Z"} for command in stocked("TEA")
        ])
    assert table(
        postgres_url, "SELECT data->>'sku', (data->>'quantity')::int, type, "
        "to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') "
        "FROM events WHERE position = 2",
    ) == [("TEA", 100, "StockReceived.v1", "1996-07-04 00:00:00.000001")]
    assert table(
        postgres_url, "SELECT command->>'command', status FROM outcomes WHERE sequence = 2"
    ) == [("receive-stock", "accepted")]


@pytest.fixture
def with_roles(postgres: Server) -> Iterator[PostgresServer]:
    """Return a server of the test's own with the roles that the how-to shows."""
    with PostgresServer() as server:
        open_ledger(server.url("stocktrail")).close()
        with server.connect() as connection:
            for block in re.findall(r"```sql roles\n(.*?)```", HOW_TO.read_text(), re.DOTALL):
                connection.execute(block.encode())
        yield server


def test_roles_may_do_what_the_how_to_says_and_no_more(with_roles: PostgresServer) -> None:
    url = with_roles.url("stocktrail")
    shop = url.replace("postgres@", "shop@") + "&role=stocktrail_writer"
    auditor = url.replace("postgres@", "auditor@")
    with open_ledger(shop) as ledger:
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted", "accepted"]
        from stocktrail.projections import ReadModels

        assert ReadModels(ledger).catch_up() == 2
        assert ReadModels(ledger).rebuild() == 2
    for statement in (
        "INSERT INTO commands SELECT * FROM commands", "DELETE FROM commands",
        "UPDATE ledger_head SET position = 9", "TRUNCATE commands",
        "INSERT INTO stream_index SELECT * FROM stream_index", "DELETE FROM seal_nodes",
        "ALTER TABLE commands DISABLE TRIGGER USER",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user(with_roles, "shop", f"SET ROLE stocktrail_writer; {statement}")
    with open_ledger(auditor) as ledger:
        assert ledger.read_only
        assert ReadModels(ledger).status()["read_models"][0]["position"] == 2
        assert statuses(send(ledger, [order("SO-1", "TEA")], dry_run=True)) == ["accepted"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_user(with_roles, "auditor", "SELECT raise_fence()")
    assert assert_log_is_sound(url) == 2


def as_user(server: PostgresServer, user: str, statement: str) -> None:
    """Do something in the ledger as a user of the database."""
    with psycopg.connect(
        host=str(server.folder), user=user, dbname="postgres", autocommit=True,
        options="-c search_path=stocktrail",
    ) as connection:
        connection.execute(statement.encode())
