"""A dry run decides with the same code as a real one, and nothing of it stays."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stocktrail.commands.model import CommandEnvelope
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.postgres_address import is_postgres_url
from tests.store.shop import (
    Command,
    Trickle,
    assert_log_is_sound,
    beside,
    events_of,
    numbered,
    order,
    outcomes_of,
    script,
    send,
    sold,
    statuses,
    stocked,
)
from tests.store.system_calls import fail_syncs
from tests.store.test_groups import SKUS, a_day


def told(results: list[Result]) -> list[dict[str, Any]]:
    """Return what was answered, without times and without what only a dry run says."""
    answers = [result.as_json() for result in results]
    for answer in answers:
        answer.pop("dry_run", None)
        answer.pop("judged_at", None)
        for event in answer.get("events", ()):
            del event["recorded_at"], event["occurred_at"]
    return answers


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep temporary files in a folder of the test's own, to see what is left of them."""
    folder = tmp_path / "temporary % # ?"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("seed", [11, 12, 13])
@pytest.mark.parametrize("mode", ["continue", "stop"])
def test_a_dry_run_answers_as_the_real_run_does(
    ledger: Ledger, database_url: str, temporary: Path, seed: int, mode: str
) -> None:
    send(ledger, stocked(*SKUS, quantity=40))
    send(ledger, a_day(seed - 1, 20))
    day = [{**command, "id": f"dry-{command['id']}"} for command in a_day(seed)]
    before = (events_of(database_url), outcomes_of(database_url))
    judged_at = ledger.head().position
    dry = send(ledger, day, at_once=1500, dry_run=True, mode=mode)
    assert (events_of(database_url), outcomes_of(database_url)) == before
    assert list(temporary.iterdir()) == []
    assert {result.judged_at for result in dry if result.status in ("accepted", "rejected")} <= {
        judged_at
    }
    real = send(ledger, day, at_once=1500, mode=mode)
    assert told(dry) == told(real)
    if mode == "continue":
        assert {"accepted", "rejected"} <= set(statuses(real))
    assert_log_is_sound(database_url)


def test_what_others_record_meanwhile_is_not_seen(
    ledger: Ledger, database_url: str, temporary: Path
) -> None:
    send(ledger, stocked("TEA", "SUGAR", quantity=10))
    commands = [order(name, "TEA") for name in numbered("SO", 12)]
    rows = read_json_lines(Trickle(script(commands), 300))
    results = submit(ledger, rows, dry_run=True)
    dry = [next(results)]
    with open_ledger(database_url) as other:
        # The same ids, other items, and half of what the dry run counts on.
        send(other, [order(f"SO-{number}", "SUGAR") for number in range(5, 9)])
        send(other, [order("OTHER", "TEA", quantity=5), *stocked("MILK")])
        position = other.head().position
        dry += list(results)
        assert other.head().position == position
    assert statuses(dry) == ["accepted"] * 10 + ["rejected"] * 2
    assert [event["stream"] for event in dry[7].events] == ["order/SO-8", "stock/TEA"]
    assert {result.judged_at for result in dry} == {4}
    assert sold(ledger, "TEA") == 5
    assert_log_is_sound(database_url)
    again = send(ledger, commands[:8], dry_run=True)
    assert statuses(again) == ["accepted"] * 4 + ["conflict"] * 4, "a new dry run sees them"


def test_a_dry_run_sees_its_own_commands_and_those_recorded_before(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, [*stocked("TEA", quantity=5), order("SO-1", "TEA", quantity=2)])
    dry = send(ledger, [
        order("SO-1", "TEA", quantity=2), order("SO-1", "TEA", quantity=3),
        order("SO-2", "TEA", quantity=3), order("SO-2", "TEA", quantity=3),
        {"command": "cancel-order", "order": "SO-1", "id": "cancel"},
        order("SO-3", "TEA", quantity=2), order("SO-4", "TEA"),
    ], at_once=1, dry_run=True)
    assert statuses(dry) == [
        "duplicate", "conflict", "accepted", "duplicate", "accepted", "accepted", "rejected",
    ]
    assert [event["position"] for event in dry[0].events] == [3, 4]
    assert [event["position"] for event in dry[3].events] == [5, 6]
    assert assert_log_is_sound(database_url) == 4


def test_what_is_known_is_no_news_in_the_middle_of_a_long_dry_run(ledger: Ledger) -> None:
    send(ledger, [*stocked("TEA"), order("EARLIER", "TEA")])
    rows = [order(f"SO-{number}", "TEA") for number in range(12)]
    rows[4] = order("EARLIER", "TEA")
    rows[5] = order("EARLIER", "TEA", id="same order")
    rows[6] = order("EARLIER", "TEA", quantity=2, id="other order")
    answers = send(ledger, rows, dry_run=True)
    assert statuses(answers[4:7]) == ["duplicate", "duplicate", "rejected"]
    assert statuses(answers[:4] + answers[7:]) == ["accepted"] * 9
    assert told(answers) == told(send(ledger, rows))


def test_a_refusal_that_others_record_meanwhile_is_not_seen(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, stocked("TEA", quantity=1))
    with ledger.dry_run() as scratch, open_ledger(database_url) as other:
        [refused] = send(other, [order("SO-1", "TEA", quantity=2)])
        assert refused.status == "rejected"
        [[row]] = read_json_lines(Trickle(script([order("SO-1", "TEA")]), 1 << 10))
        assert row.command is not None
        [[answer]] = scratch.write([[CommandEnvelope(row.command, row.id)]])
        assert answer.status == "accepted"


def test_settings_reach_every_item_of_both_logs(ledger: Ledger, database_url: str) -> None:
    send(ledger, [
        *stocked("TEA", quantity=5), order("SO-1", "TEA", quantity=5),
    ])
    run: list[Command] = [
        *stocked("SUGAR", quantity=5), order("SO-2", "SUGAR", quantity=5),
        {"command": "disable-source", "source": "default", "id": "off"},
    ]
    dry = send(ledger, run, at_once=1, dry_run=True)
    real = send(ledger, run, at_once=1)
    assert told(dry) == told(real)
    assert [event["type"] for event in real[-1].events] == [
        "AllocationRevoked", "AllocationRevoked", "SourceDisabled",
    ]
    assert_log_is_sound(database_url)


def test_a_dry_run_that_is_given_up_leaves_no_file(
    ledger: Ledger, database_url: str, temporary: Path
) -> None:
    send(ledger, stocked("TEA"))

    def broken() -> Iterator[Any]:
        yield from read_json_lines(Trickle(script([order("SO-1", "TEA")]), 100))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(submit(ledger, broken(), dry_run=True))
    given_up = submit(
        ledger, read_json_lines(Trickle(script([order("SO-1", "TEA")]), 100)), dry_run=True
    )
    assert next(given_up).status == "accepted"
    assert len(list(temporary.iterdir())) == 1
    del given_up
    assert list(temporary.iterdir()) == []
    ledger.close()
    if not is_postgres_url(database_url):
        assert beside(sqlite_path(database_url)) == ["stocktrail.db", temporary.name]


def test_a_dry_run_waits_for_no_disk(ledger: Ledger) -> None:
    send(ledger, stocked("TEA"))

    def on_a_disk_that_takes_nothing() -> list[str]:
        fail_syncs()
        rows = read_json_lines(Trickle(script([order("SO-1", "TEA")]), 100))
        return [result.status for result in submit(ledger, rows, dry_run=True)]

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(on_a_disk_that_takes_nothing).result() == ["accepted"]


def test_a_dry_run_on_an_empty_ledger(ledger: Ledger, database_url: str) -> None:
    assert statuses(send(ledger, [*stocked("TEA"), order("SO-1", "TEA")], dry_run=True)) == [
        "accepted", "accepted", "accepted",
    ]
    assert assert_log_is_sound(database_url) == 0
