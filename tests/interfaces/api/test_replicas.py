"""Replicas serve questions: a standby with its primary's read models, another with its own."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.partition_ledger import partition_ledger
from stocktrail.ledger.store.portable.bulk import bulk_append
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.interfaces.api.serving import Served, served
from tests.interfaces.terminal import Terminal
from tests.postgres_server import PostgresServer, Standby
from tests.store.shop import assert_log_is_sound, numbered, order, send, statuses, stocked
from tests.store.test_opening_postgres import HOW_TO
from tests.waiting import wait_until

ORDERS = [order(name, "TEA") for name in numbered("SO", 60)]


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    """Start a server whose log can be replicated in both ways."""
    with PostgresServer(wal_level="logical") as server:
        yield server


def run_block(server: PostgresServer, name: str, folder: str = "") -> None:
    """Type into a server what the how-to shows under a name, about the primary in a folder."""
    [block] = re.findall(rf"```sql {name}\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    shown = "host=db.example dbname=stock user=replicator"
    with server.connect() as connection:
        for statement in block.replace(
            shown, f"host={folder} dbname=postgres user=postgres"
        ).split(";"):
            connection.execute(statement.encode())


def refuse_command(replica: Served) -> str:
    """Send a command that has to be refused, and give the sentence."""
    answer = replica.send("receive-stock", sku="TEA", quantity=1)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_read_only")
    return str(answer.json()["detail"])


def test_a_standby_is_served(primary: PostgresServer) -> None:
    with open_ledger(primary.url()) as ledger:
        send(ledger, [*stocked("TEA"), *ORDERS[:20]])
        ReadModels(ledger).catch_up()
        with Standby(primary) as standby, served(standby.url()) as replica:
            assert replica.ask("/stock/TEA")["salable_quantity"] == 80
            send(ledger, ORDERS[20:30])          # nobody has folded these
            wait_until(lambda: replica.service.ledger.head() == ledger.head(), "they are there")
            folded_aside = replica.client.get("/stock/TEA").json()
            assert folded_aside["salable_quantity"] == 70
            assert "replica" in refuse_command(replica)


@pytest.fixture
def shop(primary: PostgresServer) -> Iterator[Ledger]:
    """Open a ledger in partitions of 20 rows, whose log is published."""
    open_ledger(primary.url()).close()
    partition_ledger(primary.url(), 20)
    with open_ledger(primary.url()) as ledger:
        send(ledger, [*stocked("TEA"), *ORDERS[:20]])
        run_block(primary, "publication")
        yield ledger


@pytest.fixture
def fed(primary: PostgresServer, shop: Ledger) -> Iterator[PostgresServer]:
    """Start a logical replica of it."""
    with PostgresServer() as server:
        open_ledger(server.url()).close()
        run_block(server, "subscription", str(primary.folder))
        yield server


def is_copied(server: PostgresServer) -> bool:
    """Return whether a replica can be opened; until then it is busy."""
    try:
        open_ledger(server.url()).close()
    except StorageError as error:
        if error.code != "storage_busy":
            raise
        return False
    return True


def test_a_logical_replica_folds_the_log_and_answers(shop: Ledger, fed: PostgresServer) -> None:
    wait_until(lambda: is_copied(fed), "the log is copied")
    with served(fed.url()) as replica:
        send(shop, ORDERS[20:50])                # two partitions further
        arrived = shop.head()
        wait_until(lambda: replica.service.ledger.head() == arrived, "the log has arrived")
        wait_until(
            lambda: replica.service.models.position() == arrived.position, "and is folded"
        )
        assert replica.ask("/stock/TEA")["salable_quantity"] == 50
        assert replica.ask("/stock/TEA", as_of=42)["salable_quantity"] == 80
        assert "Send commands to that server" in refuse_command(replica)
        assert replica.service.ledger.root() == shop.root()
        assert verify(ReadModels(replica.service.ledger)).exit_status == 0
    assert_log_is_sound(fed.url())


def test_what_would_fork_the_log_is_refused(
    terminal: Terminal, primary: PostgresServer, shop: Ledger, fed: PostgresServer
) -> None:
    open_ledger(primary.url("other")).close()
    with primary.connect() as server:
        server.execute("CREATE PUBLICATION other FOR TABLE other.commands")
    with pytest.raises(StorageError) as published:
        partition_ledger(primary.url("other"), 20)
    wait_until(lambda: is_copied(fed), "the log is copied")
    terminal.url = fed.url()
    assert "storage_read_only" in terminal.submit(ORDERS[0]).err
    assert "storage_read_only" in terminal.type("deliver", "webhooks", "--once").err
    with (
        open_ledger(fed.url()) as replica, pytest.raises(StorageError, match="is a replica"),
        bulk_append(replica),
    ):
        pass
    assert statuses(send(shop, ORDERS[20:25])) == ["accepted"] * 5
    assert published.value.code == "log_is_published"


def test_without_its_subscription_it_is_a_ledger_of_its_own(
    shop: Ledger, fed: PostgresServer
) -> None:
    wait_until(lambda: is_copied(fed), "the log is copied")
    with open_ledger(fed.url()) as replica:
        wait_until(lambda: replica.head() == shop.head(), "it has come as far")
    with closing(fed.connect()) as server:
        server.execute("DROP SUBSCRIPTION stocktrail")
    send(shop, ORDERS[20:25])                    # these never arrive
    with open_ledger(fed.url()) as alone:
        again = send(alone, ORDERS[:25])
    assert statuses(again) == ["duplicate"] * 20 + ["accepted"] * 5
