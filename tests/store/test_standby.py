"""A hot standby answers questions, refuses to be written to, and takes over without a loss."""

import signal
from collections.abc import Iterator

import pytest

from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock_list import stock_list
from tests.postgres_server import PostgresServer, Standby
from tests.store.conftest import Workers
from tests.store.shop import (
    assert_answers_are_recorded,
    assert_log_is_sound,
    numbered,
    order,
    script,
    send,
    sold,
    statuses,
    stocked,
)
from tests.waiting import wait_until

ORDERS = [order(name, "TEA") for name in numbered("SO", 400)]


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    """Start a server that confirms a commit only when its standby has it too."""
    with PostgresServer(synchronous_standby_names="standby") as server:
        yield server


@pytest.fixture
def standby(primary: PostgresServer) -> Iterator[Standby]:
    """Start the standby of the primary."""
    with Standby(primary) as server:
        yield server


def test_it_answers_what_its_primary_answers(primary: PostgresServer, standby: Standby) -> None:
    with open_ledger(primary.url("shop")) as ledger:
        assert ledger.warnings == (), "nothing is lost as long as one of the two is left"
        send(ledger, [*stocked("TEA", quantity=900), *ORDERS[:20]])
        head = ledger.head()
        models = ReadModels(ledger)
        models.catch_up()
        answered = stock_list(models)
        with open_ledger(standby.url("shop"), read_only=True) as replica:
            wait_until(lambda: replica.head() == head, "it has come as far")
            read_there = ReadModels(replica)
            wait_until(lambda: stock_list(read_there) == answered, "it has the read models")
            send(ledger, ORDERS[20:30])
            wait_until(lambda: replica.head() == ledger.head(), "it has come as far")


def test_nothing_is_written_to_it(primary: PostgresServer, standby: Standby) -> None:
    with open_ledger(primary.url("shop")) as ledger:
        send(ledger, stocked("TEA"))
        wait_until(lambda: _is_there(standby), "the ledger is there")
    with pytest.raises(StorageError) as raised:
        _send_to(standby)
    assert raised.value.code == "storage_read_only"
    assert "replica" in raised.value.message


def _is_there(standby: Standby) -> bool:
    with standby.connect() as server:
        found = server.execute("SELECT to_regclass('shop.ledger_head')").fetchone()
    return found is not None and found[0] is not None


def _send_to(standby: Standby) -> None:
    with open_ledger(standby.url("shop")) as ledger:
        send(ledger, [order("SO-1", "TEA")])


def test_when_the_primary_is_lost_all_that_was_confirmed_is_on_the_standby(
    primary: PostgresServer, standby: Standby, workers: Workers
) -> None:
    with open_ledger(primary.url("shop")) as ledger:
        send(ledger, stocked("TEA", quantity=300))
    sending = workers.start(primary.url("shop"), script(ORDERS), at_once=900)
    wait_until(lambda: len(sending.answers) >= 40, "40 orders are confirmed")
    primary.stop(signal.SIGQUIT)
    sending.kill()                               # it would look for its server for a while
    confirmed = sending.wait()
    assert not sending.is_done, "the primary was lost in the middle"
    standby.promote()
    with standby.connect() as server:            # nobody stands by for it yet
        server.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        server.execute("SELECT pg_reload_conf()")
    url = standby.url("shop")
    assert_answers_are_recorded(url, confirmed)
    with open_ledger(url) as ledger:
        again = statuses(send(ledger, ORDERS))
        assert again[: len(confirmed)] == ["duplicate"] * len(confirmed)
        assert again.count("rejected") == 100, "not one unit was sold twice"
        assert sold(ledger, "TEA") == 300
    assert_log_is_sound(url)
