"""Commands are recorded together: the refused leave no trace, groups stand or fall whole."""

import random
from pathlib import Path
from typing import Any

import pytest

from stocktrail.commands.scripts.results import Result
from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.store import Ledger, open_ledger
from tests.store.shop import (
    Command,
    assert_answers_are_recorded,
    assert_log_is_sound,
    events_of,
    order,
    outcomes_of,
    send,
    sold,
    statuses,
    stocked,
)

SKUS = ("TEA", "SUGAR", "MILK")


def state_of(aggregate: Aggregate) -> tuple[int, dict[str, Any]]:
    """Return everything that an aggregate knows."""
    return aggregate.version, aggregate.clone().to_state()


def assert_cache_matches_the_log(ledger: Ledger, url: str) -> None:
    """Compare every resident aggregate with the same one folded by a ledger that knew nothing."""
    with open_ledger(url) as fresh:
        aggregates = dict(ledger.writer.aggregates._aggregates)
        assert aggregates
        for stream, aggregate in aggregates.items():
            assert state_of(aggregate) == state_of(fresh.aggregate(stream)), stream


def a_day(seed: int, count: int = 60) -> list[Command]:
    """Make up commands of every kind that changes stock, some of them in groups, many refused."""
    chance = random.Random(seed)
    commands: list[Command] = []
    for number in range(count):
        sku = chance.choice(SKUS)
        known = f"SO-{chance.randrange(number + 1)}"
        made: Command = chance.choice([
            order(f"SO-{number}", *chance.sample(SKUS, 2), quantity=chance.randint(1, 9)),
            order(f"SO-{number}", sku, quantity=chance.randint(1, 30)),
            {"command": "cancel-order", "order": known},
            {"command": "ship-order", "order": known, "shipment": f"S-{number}"},
            {"command": "receive-stock", "sku": sku, "quantity": chance.randint(1, 9)},
            {"command": "adjust-stock", "sku": sku, "delta": -chance.randint(1, 9), "reason": "x"},
            {"command": "set-backorder-policy", "sku": sku,
             "backorders": chance.choice(["allow", "no", "inherit"])},
            {"command": "disable-source", "source": "default"},
            {"command": "enable-source", "source": "default"},
        ])
        commands.append({**made, "id": f"c-{number}"})
    for start in range(5, count - 5, 7):
        for command in commands[start : start + chance.randint(2, 4)]:
            command["group"] = f"group-{start}"
    return commands


@pytest.mark.parametrize("seed", range(6))
def test_what_stays_in_memory_is_what_the_log_says(
    ledger: Ledger, database_url: str, seed: int
) -> None:
    send(ledger, stocked(*SKUS, quantity=40))
    results = send(ledger, a_day(seed), at_once=1500)
    assert {"accepted", "rejected", "group_failed"} <= set(statuses(results))
    assert_cache_matches_the_log(ledger, database_url)
    assert_log_is_sound(database_url)
    assert_answers_are_recorded(database_url, [result.as_json() for result in results])


@pytest.mark.parametrize("at_once", [1, 200, 1500, 1 << 20])
def test_how_commands_were_grouped_into_commits_changes_nothing(
    tmp_path: Path, at_once: int
) -> None:
    logs = []
    for name, size in (("whole", 1 << 20), ("parts", at_once)):
        url = f"sqlite:///{tmp_path / name}.db"
        with open_ledger(url, clock=lambda: 1) as ledger:
            send(ledger, stocked(*SKUS, quantity=40))
            send(ledger, a_day(7), at_once=size)
        logs.append((events_of(url), outcomes_of(url)))
    assert logs[0] == logs[1]


def test_a_refused_command_leaves_no_trace_in_those_around_it(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, stocked("TEA", "SUGAR", quantity=5))
    results = send(ledger, [
        order("SO-1", "TEA", quantity=3), order("SO-2", "SUGAR", "TEA", quantity=3),
        order("SO-3", "SUGAR", quantity=5), order("SO-4", "TEA", quantity=2),
    ])
    assert statuses(results) == ["accepted", "rejected", "accepted", "accepted"]
    assert results[1].position == results[0].position, "it names what it was judged against"
    assert (sold(ledger, "TEA"), sold(ledger, "SUGAR")) == (5, 5)
    assert not ledger.read_stream("order/SO-2")
    assert_cache_matches_the_log(ledger, database_url)


def test_a_group_that_fails_is_taken_back_whole(ledger: Ledger, database_url: str) -> None:
    send(ledger, stocked("TEA", "SUGAR", quantity=5))
    send(ledger, [order("SO-0", "TEA")])
    before = {stream: state_of(ledger.writer.aggregates.get(stream)) for stream in (
        "stock/TEA", "stock/SUGAR", "order/SO-0", "order/SO-1", "settings/ledger",
    )}
    group = [
        {**command, "group": "G"} for command in (
            order("SO-1", "TEA", "SUGAR", quantity=4),
            {"command": "cancel-order", "order": "SO-0", "id": "cancel"},
            {"command": "set-backorder-policy", "backorders": "allow", "sku": "TEA", "id": "allow"},
            {"command": "disable-source", "source": "default", "id": "disable"},
            order("SO-1", "SUGAR", id="again"),
        )
    ]
    results = send(ledger, group)
    assert statuses(results) == ["group_failed"] * 4 + ["rejected"]
    assert {result.position for result in results} == {6}, "the group's own positions are gone"
    for stream, state in before.items():
        assert state_of(ledger.writer.aggregates.get(stream)) == state, stream
    assert assert_log_is_sound(database_url) == 6
    assert statuses(send(ledger, group)) == ["group_failed"] * 4 + ["rejected"], "it is sticky"
    assert statuses(send(ledger, [order("SO-2", "TEA", quantity=4)])) == ["accepted"]
    assert_cache_matches_the_log(ledger, database_url)


def test_groups_before_and_after_a_failed_one_in_the_same_commit(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, stocked("TEA", quantity=6))
    results = send(ledger, [
        order("SO-1", "TEA", quantity=2, group="A"), order("SO-2", "TEA", quantity=2, group="A"),
        order("SO-3", "TEA", quantity=2, group="B"), order("SO-4", "TEA", quantity=2, group="B"),
        order("SO-5", "TEA", quantity=1), order("SO-6", "TEA", quantity=1, group="C"),
        order("SO-1", "TEA", quantity=2, group="C", id="once-more"),
    ])
    assert statuses(results) == [
        "accepted", "accepted", "group_failed", "rejected", "accepted", "accepted", "duplicate",
    ]
    assert sold(ledger, "TEA") == 6
    assert_cache_matches_the_log(ledger, database_url)
    assert_log_is_sound(database_url)


def test_one_id_twice_in_a_group_that_fails(ledger: Ledger, database_url: str) -> None:
    send(ledger, stocked("TEA", quantity=6))
    results = send(ledger, [
        order("SO-1", "TEA", group="A"), order("SO-1", "TEA", group="A"),
        order("SO-2", "TEA", quantity=9, group="A"),
    ])
    assert statuses(results) == ["group_failed", "group_failed", "rejected"]
    results = send(ledger, [
        order("SO-3", "TEA", group="B"), order("SO-3", "TEA", quantity=2, group="B"),
    ])
    assert statuses(results) == ["group_failed", "conflict"]
    assert statuses(send(ledger, [order("SO-3", "TEA")])) == ["accepted"], "that was not sticky"
    assert_log_is_sound(database_url)


def test_an_atomic_run_records_all_or_nothing(ledger: Ledger, database_url: str) -> None:
    send(ledger, stocked("TEA", quantity=6))
    run = [order(f"SO-{number}", "TEA", quantity=2) for number in range(4)]
    assert statuses(send(ledger, run, mode="atomic"))[-1] == "rejected"
    assert assert_log_is_sound(database_url) == 2
    again = [{**command, "id": f"again-{command['id']}"} for command in run[:3]]
    assert statuses(send(ledger, again, mode="atomic")) == ["accepted"] * 3


def test_a_message_and_the_events_come_back_with_a_duplicate(ledger: Ledger) -> None:
    send(ledger, [
        *stocked("TEA", quantity=1),
        {"command": "set-backorder-policy", "backorders": "allow_and_notify", "id": "policy"},
    ])
    [first] = send(ledger, [order("SO-1", "TEA", quantity=3)])
    [again] = send(ledger, [order("SO-1", "TEA", quantity=3)])
    assert (first.status, again.status) == ("accepted", "duplicate")
    assert first.messages

    def told(result: Result) -> dict[str, Any]:
        return {**result.as_json(), "status": ""}

    assert told(first) == told(again)
