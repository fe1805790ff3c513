"""The log in PostgreSQL is divided into partitions: the same log, whose old part lies elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.partition_ledger import partition_ledger
from stocktrail.ledger.store.portable.exporting import export_log
from stocktrail.ledger.store.portable.importing import import_log
from stocktrail.ledger.store.postgres_address import postgres_address
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock_list import stock_list
from stocktrail.projections.verify import verify
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.store.shop import (
    assert_log_is_sound,
    events_of,
    numbered,
    order,
    send,
    sold,
    statuses,
    stocked,
    table,
)
from tests.store.test_opening_postgres import HOW_TO, as_superuser, as_user

Server = PostgresServer | ServerElsewhere

ROWS = 20
PARTITIONS = (
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
    "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'commands'::regclass ORDER BY c.oid"
)
OF_THE_SHOP = [*stocked("TEA", "MUG"), *(order(name, "TEA") for name in numbered("SO", 96))]


def partitions(url: str) -> list[tuple[str, int, int]]:
    """Return the name of each partition, its first row and its last."""
    return [
        (name, first, end - 1) for name, bound in table(url, PARTITIONS)
        for first, end in [map(int, re.findall(r"\d+", bound))]
    ]


@pytest.fixture
def divided(postgres_url: str) -> Iterator[Ledger]:
    """Open an empty ledger whose log is divided into partitions of 20 rows."""
    open_ledger(postgres_url).close()
    assert partition_ledger(postgres_url, ROWS)
    with open_ledger(postgres_url) as ledger:
        yield ledger


def test_partitions_are_made_before_they_are_needed(divided: Ledger) -> None:
    assert partitions(divided.url) == [("commands_from_1", 1, 20)]
    send(divided, OF_THE_SHOP[:20])
    assert partitions(divided.url)[1:] == [("commands_from_21", 21, 40)]
    send(divided, OF_THE_SHOP[20:21])
    assert partitions(divided.url)[2:] == [("commands_from_41", 41, 60)]
    send(divided, OF_THE_SHOP[21:])
    assert partitions(divided.url)[-1] == ("commands_from_101", 101, 120)
    assert_log_is_sound(divided.url)


def test_it_is_the_same_log(divided: Ledger, other_postgres_url: str) -> None:
    with open_ledger(other_postgres_url) as whole:
        for ledger in (whole, divided):
            assert statuses(send(ledger, OF_THE_SHOP)) == ["accepted"] * 100
            refused = send(ledger, [order("SO-X", "NONE"), order("SO-1", "MUG", id="other")])
            assert statuses(refused) == ["rejected"] * 2
            assert statuses(send(ledger, OF_THE_SHOP[::7])) == ["duplicate"] * 15
        assert events_of(whole.url) == events_of(divided.url)
        answers = []
        for ledger in (whole, divided):
            with open_ledger(ledger.url) as again:               # nothing is in memory
                models = ReadModels(again)
                models.catch_up()
                assert verify(models).exit_status == 0
                assert set(again.outcomes_of(["SO-1", "SO-90", "never"])) == {"SO-1", "SO-90"}
                answers.append(stock_list(models))
        assert answers[0] == answers[1]


def test_a_log_that_is_there_becomes_the_first_partition(postgres_url: str) -> None:
    with open_ledger(postgres_url) as ledger:
        send(ledger, OF_THE_SHOP[:70])
        root, before = ledger.root(), events_of(postgres_url)
        assert partition_ledger(postgres_url, ROWS)
        assert not partition_ledger(postgres_url, 2 * ROWS)
        assert partitions(postgres_url) == [
            ("commands_from_1", 1, 70), ("commands_from_71", 71, 90),
            ("commands_from_91", 91, 130),
        ]
        assert (ledger.root(), events_of(postgres_url)) == (root, before)
        # A program that has the log open goes on, and knows what was sent before.
        assert statuses(send(ledger, OF_THE_SHOP[60:])) == ["duplicate"] * 10 + ["accepted"] * 30
    assert partitions(postgres_url)[3:] == [("commands_from_131", 131, 170)]
    with open_ledger(postgres_url) as ledger:
        assert statuses(send(ledger, OF_THE_SHOP)) == ["duplicate"] * 100
        assert sold(ledger, "TEA") == 96
    assert_log_is_sound(postgres_url)


def test_a_group_may_be_larger_than_a_partition(divided: Ledger) -> None:
    assert statuses(send(divided, OF_THE_SHOP, mode="atomic")) == ["accepted"] * 100
    assert {end - first for _, first, end in partitions(divided.url)} == {ROWS - 1}
    assert_log_is_sound(divided.url)


def test_an_export_is_imported_into_a_divided_log(
    divided: Ledger, other_postgres_url: str, tmp_path: Path
) -> None:
    with open_ledger(other_postgres_url) as whole:
        send(whole, OF_THE_SHOP)
        with (tmp_path / "log").open("wb") as written:
            export_log(whole, written)
        root = whole.root()
    with (tmp_path / "log").open("rb") as lines:
        import_log(divided, lines)
    assert divided.root() == root
    assert len(partitions(divided.url)) == 6


@pytest.mark.parametrize("statement", [
    "UPDATE commands_from_1 SET actor = 'somebody'",
    "DELETE FROM commands_from_1 WHERE sequence = 2",
    "TRUNCATE commands_from_21",
    "UPDATE commands SET actor = 'somebody'",
    "INSERT INTO commands_from_101 SELECT 110, first_position, last_position, occurred_at, "
    "recorded_at, 'x', fingerprint, status, body, result, events, NULL, NULL, NULL, NULL, NULL, "
    "leaf FROM commands WHERE sequence = 1",
    "DELETE FROM command_ids",
    "UPDATE command_ids SET sequence = 1",
    "INSERT INTO command_ids VALUES ('SO-1', 7)",
])
def test_what_is_in_a_partition_cannot_be_changed(
    postgres: Server, divided: Ledger, statement: str
) -> None:
    send(divided, OF_THE_SHOP)
    with pytest.raises(psycopg.IntegrityError):
        as_superuser(postgres, divided.url, statement)
    assert_log_is_sound(divided.url)


def test_nobody_waits_for_a_partition_that_is_not_needed_yet(
    postgres: Server, divided: Ledger
) -> None:
    with postgres.connect() as analysing, analysing.transaction():
        schema = postgres_address(divided.url).schema
        analysing.execute(f"LOCK ONLY {schema}.commands IN SHARE UPDATE EXCLUSIVE MODE".encode())
        assert statuses(send(divided, OF_THE_SHOP[:20])) == ["accepted"] * 20
        assert len(partitions(divided.url)) == 1
        with divided.datastore.write_transaction() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 50")
            with pytest.raises(Exception, match="lock timeout"):
                cursor.execute("UPDATE ledger_head SET sequence = 21")
    assert statuses(send(divided, OF_THE_SHOP[20:21])) == ["accepted"]
    assert len(partitions(divided.url)) == 3


def test_only_the_partitions_that_are_asked_about_are_read(
    postgres: Server, divided: Ledger
) -> None:
    send(divided, OF_THE_SHOP)
    for condition, read in (
        ("sequence = 33", {"commands_from_21"}),
        ("sequence > 35 AND sequence <= 50", {"commands_from_21", "commands_from_41"}),
        ("sequence = (SELECT sequence FROM command_ids WHERE command_id = 'SO-1')",
         {"commands_from_1"}),
        ("sequence IN (SELECT sequence FROM stream_index WHERE stream = 'order/SO-90')",
         {"commands_from_81"}),
    ):
        with postgres.connect() as server:
            server.execute(f"SET search_path = {postgres_address(divided.url).schema}".encode())
            server.execute("SET enable_seqscan = off")       # as if they were large
            plan = [row[0] for row in server.execute(
                f"EXPLAIN ANALYZE SELECT * FROM commands WHERE {condition}".encode()
            )]
        looked_at = {
            found[1] for line in plan if "never executed" not in line
            if (found := re.search(r"on (commands_from_\d+)", line))
        }
        assert looked_at == read, "\n".join(plan)


def test_roles_keep_what_they_may_do_and_old_partitions_may_lie_on_another_disk() -> None:
    how_to = HOW_TO.read_text()
    with PostgresServer(allow_in_place_tablespaces="on") as server:
        url = server.url("stocktrail")
        open_ledger(url).close()
        with server.connect() as connection:
            for block in re.findall(r"```sql roles\n(.*?)```", how_to, re.DOTALL):
                connection.execute(block.encode())
        partition_ledger(url, ROWS)
        shop = url.replace("postgres@", "shop@") + "&role=stocktrail_writer"
        with open_ledger(shop) as ledger:
            assert statuses(send(ledger, OF_THE_SHOP)) == ["accepted"] * 100
        with open_ledger(url.replace("postgres@", "auditor@")) as ledger:
            assert set(ledger.outcomes_of(["SO-1"])) == {"SO-1"}
        for statement in ("DELETE FROM commands_from_1", "INSERT INTO command_ids VALUES ('x', 1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                as_user(server, "shop", f"SET ROLE stocktrail_writer; {statement}")
        with server.connect() as connection:
            [moved] = re.findall(r"```sql cheaper disk\n(.*?)```", how_to, re.DOTALL)
            for statement in moved.replace("'/mnt/large/postgresql'", "''").split(";"):
                connection.execute(statement.encode())
            [listed] = re.findall(r"```sql partitions\n(.*?)```", how_to, re.DOTALL)
            assert len(connection.execute(listed.encode()).fetchall()) == 6
            found = connection.execute(
                "SELECT tablename FROM pg_tables WHERE tablespace = 'large'"
                "UNION ALL SELECT indexname FROM pg_indexes WHERE tablespace = 'large'"
            ).fetchall()
        assert found == [("commands_from_1",), ("commands_from_1_pkey",)]
        with open_ledger(shop) as ledger:
            assert statuses(send(ledger, OF_THE_SHOP[:30])) == ["duplicate"] * 30
        assert_log_is_sound(url)
