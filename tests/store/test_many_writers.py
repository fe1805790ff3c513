"""Several processes sell from one database: none oversells, none loses, none sees a conflict."""

import random
import threading
from itertools import pairwise

import pytest

from stocktrail.ledger.salability import Figures
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.engine import writer
from tests.store.conftest import Sending, Workers
from tests.store.shop import (
    Command,
    assert_answers_are_recorded,
    assert_log_is_sound,
    order,
    outcomes_of,
    script,
    send,
    sold,
    stocked,
)

PROCESSES = 8
SKUS = ("TEA", "SUGAR", "MILK")


def orders_of(process: int, count: int) -> list[Command]:
    """Order one unit each of one item in turn, and now and then of all three."""
    return [
        order(f"SO-{process}-{number}", *SKUS) if number % 3 == 0
        else order(f"SO-{process}-{number}", SKUS[(process + number) % 3])
        for number in range(count)
    ]


def figures(url: str, sku: str, position: int) -> Figures:
    """Count an item as it stood at a position."""
    with open_ledger(url) as ledger:
        stock = ledger.aggregate(ProductStock.stream_of(sku), until=position)
        settings = ledger.aggregate(Settings.stream_of(SETTINGS_KEY), until=position)
        assert isinstance(stock, ProductStock)
        assert isinstance(settings, Settings)
        return stock.figures(settings, "default")


def test_8_processes_sell_the_last_100_units_of_3_items(
    database_url: str, workers: Workers
) -> None:
    with open_ledger(database_url) as ledger:
        send(ledger, stocked(*SKUS))
    sending = [
        workers.start(database_url, script(orders_of(process, 60)), at_once=300)
        for process in range(PROCESSES)
    ]
    answers = [answer for each in sending for answer in each.wait()]
    assert [each.failed for each in sending] == [None] * PROCESSES
    assert len(answers) == PROCESSES * 60
    assert {answer["status"] for answer in answers} == {"accepted", "rejected"}
    assert_log_is_sound(database_url)
    assert_answers_are_recorded(database_url, answers)
    with open_ledger(database_url) as ledger:
        assert {sku: sold(ledger, sku) for sku in SKUS} == dict.fromkeys(SKUS, 100)
    refused = [answer for answer in answers if answer["status"] == "rejected"]
    for answer in random.Random(1).sample(refused, 5):
        short = next(sku for sku in SKUS if sku in answer["message"])
        counted = figures(database_url, short, answer["position"])
        assert counted.supply - counted.demand == 0, "it was told that nothing was left"


def test_all_8_processes_really_take_turns(database_url: str, workers: Workers) -> None:
    with open_ledger(database_url) as ledger:
        send(ledger, stocked(*SKUS, quantity=1000))
    gate = threading.Barrier(PROCESSES)

    def start(process: int) -> None:
        gate.wait()
        sending[process] = workers.start(
            database_url, script(orders_of(process, 90)), at_once=300
        )

    sending: dict[int, Sending] = {}
    threads = [threading.Thread(target=start, args=[process]) for process in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in sending.values():
        each.wait()
    turns = [command_id.split("-")[1] for command_id, *_ in outcomes_of(database_url)[6:]]
    changes = sum(one != other for one, other in pairwise(turns))
    assert changes > PROCESSES, "one after the other would prove nothing"
    assert_log_is_sound(database_url)


@pytest.mark.parametrize("with_ids", [True, False])
def test_the_same_script_from_4_processes_counts_once(
    database_url: str, workers: Workers, with_ids: bool
) -> None:
    with open_ledger(database_url) as ledger:
        send(ledger, stocked(*SKUS, quantity=20))
    commands = [
        order(f"SO-{number}", *SKUS[: 1 + number % 3], id=f"{number}" if with_ids else None)
        for number in range(60)
    ]
    sending = [
        workers.start(database_url, script(commands), at_once=200 + 150 * process)
        for process in range(4)
    ]
    answers = [each.wait() for each in sending]
    assert [each.failed for each in sending] == [None] * 4
    for of_one_command in zip(*answers, strict=True):
        assert len({answer["id"] for answer in of_one_command}) == 1
        known = [answer["status"] for answer in of_one_command]
        assert known.count("accepted") <= 1
        assert set(known) in ({"accepted", "duplicate"}, {"rejected"}), known
        assert len({answer["position"] for answer in of_one_command}) == 1
    assert len(outcomes_of(database_url)) == 6 + 60
    assert_log_is_sound(database_url)
    for each in answers:
        assert_answers_are_recorded(database_url, each)


def test_a_writer_frozen_in_its_work_is_overtaken_and_goes_on_from_what_is_true(
    database_url: str, workers: Workers
) -> None:
    with open_ledger(database_url) as ledger:
        send(ledger, stocked("TEA", quantity=50))
    slow = workers.start(
        database_url, script(order(f"SLOW-{number}", "TEA") for number in range(1500)), at_once=300
    )
    while not any(answer["id"] == "SLOW-3" for answer in list(slow.answers)):
        assert slow.is_at_work()
    with open_ledger(database_url) as ledger:
        # Between commits, so that it holds no lock while it stands still.
        with ledger.datastore.write_transaction():
            slow.stop()
        send(ledger, [order(f"FAST-{number}", "TEA") for number in range(100)])
    slow.stop(go_on=True)
    slow.wait()
    assert slow.failed is None
    with open_ledger(database_url) as ledger:
        assert sold(ledger, "TEA") == 50
    assert_log_is_sound(database_url)


def test_8_processes_create_the_same_ledger(database_url: str, workers: Workers) -> None:
    sending = [
        workers.start(database_url, script([order(f"SO-{process}", "TEA")]))
        for process in range(PROCESSES)
    ]
    answers = [answer for each in sending for answer in each.wait()]
    assert [each.failed for each in sending] == [None] * PROCESSES
    assert {answer["code"] for answer in answers} == {"unknown_sku"}
    assert len(answers) == PROCESSES
    assert outcomes_of(database_url) == []


def test_who_writes_beside_others_writes_small_groups_so_that_nobody_waits_long(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "SHARED_GROUP_SECONDS", 0)
    with open_ledger(database_url) as one, open_ledger(database_url) as other:
        send(one, [*stocked("TEA", quantity=999), *(
            order(f"ALONE-{number}", "MILK") for number in range(4_000)
        )])
        assert one.writer.group_size == writer.LARGEST_GROUP
        send(other, [order("OTHER", "TEA")])
        send(one, [order("BESIDE", "TEA")])
        assert one.writer.group_size == writer.SMALLEST_GROUP
        results = send(one, [order(f"AFTER-{number}", "TEA") for number in range(100)])
        assert [result.id for result in results] == [f"AFTER-{number}" for number in range(100)]
    assert_log_is_sound(database_url)
