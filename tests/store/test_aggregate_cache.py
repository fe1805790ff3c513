"""What is kept in memory is a shortcut: bounded, refreshed, and forgotten without a difference."""

from pathlib import Path
from typing import Any

import pytest

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.engine import aggregate_cache as aggregates
from stocktrail.ledger.store.engine.commit_group import SNAPSHOT_AFTER
from stocktrail.ledger.store.mapper import LedgerMapper
from tests.store.shop import (
    assert_log_is_sound,
    events_of,
    numbered,
    order,
    outcomes_of,
    send,
    sold,
    statuses,
    stocked,
    table,
)
from tests.store.test_groups import SKUS, a_day, assert_cache_matches_the_log, state_of


@pytest.mark.parametrize("capacity", [0, 1, 2, 5])
def test_a_small_memory_gives_the_same_answers(tmp_path: Path, capacity: int) -> None:
    logs, answers = [], []
    for name, kept in (("large", 100_000), ("small", capacity)):
        url = f"sqlite:///{tmp_path / name}.db"
        with open_ledger(url, capacity=kept, clock=lambda: 1) as ledger:
            send(ledger, stocked(*SKUS, quantity=40))
            answers.append([each.as_json() for each in send(ledger, a_day(3), at_once=900)])
            assert len(ledger.writer.aggregates) <= kept
        logs.append((events_of(url), outcomes_of(url)))
    assert logs[0] == logs[1]
    without_times = [
        [{**each, "events": len(each.get("events", ()))} for each in part] for part in answers
    ]
    assert without_times[0] == without_times[1]


def test_the_one_used_longest_ago_leaves_first(database_url: str) -> None:
    with open_ledger(database_url, capacity=3) as ledger:
        send(ledger, stocked("A", "B", "C"))
        ledger.writer.aggregates.get("stock/A")
        send(ledger, stocked("D"))
        kept = set(ledger.writer.aggregates._aggregates)
    assert "stock/D" in kept
    assert "stock/B" not in kept


def test_they_are_bounded_in_bytes_and_what_is_used_now_stays(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregates, "MOST_BYTES", 20_000)
    kept = ledger.writer.aggregates
    for name in ("TEA", "SUGAR", "MILK", "SALT", "RICE", "OATS", "CORN"):
        send(ledger, stocked(name, quantity=100))
        assert kept.bytes <= 20_000
        assert f"stock/{name}" in kept._aggregates
    for number in range(40):
        send(ledger, [order(f"SO-{number}", "TEA")])
    assert kept.bytes > 20_000
    assert "stock/TEA" in kept._aggregates, "however large it is"
    assert kept.bytes == sum(each.kept_bytes for each in kept._aggregates.values())
    assert_cache_matches_the_log(ledger, database_url)
    kept.forget()
    assert kept.bytes == 0


def test_what_others_wrote_is_seen_by_the_next_command(ledger: Ledger, database_url: str) -> None:
    send(ledger, stocked("TEA", "SUGAR", quantity=10))
    with open_ledger(database_url) as other:
        for number in range(5):
            assert statuses(send(other, [order(f"OTHER-{number}", "TEA")])) == ["accepted"]
            assert statuses(send(ledger, [order(f"SO-{number}", "TEA")])) == ["accepted"]
        assert statuses(send(other, [order("OTHER-late", "TEA")])) == ["rejected"]
        assert_cache_matches_the_log(ledger, database_url)
        assert_cache_matches_the_log(other, database_url)
    assert sold(ledger, "TEA") == 10


def test_what_others_recorded_late_keeps_its_own_time_beside_a_count(
    ledger: Ledger, database_url: str
) -> None:
    bought = [{"sku": sku, "quantity": 5} for sku in ("TEA", "SUGAR")]
    send(ledger, [
        *({**each, "occurred_at": "2026-03-01T09:00:00Z"} for each in stocked("TEA", "SUGAR")),
        {"command": "place-purchase-order", "purchase_order": "PO-1", "vendor": "V",
         "lines": bought, "occurred_at": "2026-03-01T10:00:00Z"},
        {"command": "count-stock", "sku": "TEA", "counted": 90,
         "occurred_at": "2026-03-05T09:00:00Z"},
    ])
    with open_ledger(database_url) as other:
        late = {"command": "receive-goods", "purchase_order": "PO-1", "receipt": "R-1",
                "occurred_at": "2026-03-03T09:00:00Z"}
        assert statuses(send(other, [late])) == ["accepted"]
    send(ledger, [order("SO-1", "TEA", "SUGAR")])
    assert_cache_matches_the_log(ledger, database_url)


def test_after_a_long_absence_everything_is_read_again(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregates, "TAIL_LIMIT", 10)
    send(ledger, stocked("TEA", quantity=30))
    with open_ledger(database_url) as other:
        send(other, [order(name, "TEA") for name in numbered("OTHER", 29)])
    assert statuses(send(ledger, [order("SO-1", "TEA"), order("SO-2", "TEA")])) == [
        "accepted", "rejected",
    ]
    assert_cache_matches_the_log(ledger, database_url)


def test_who_comes_back_reads_what_others_wrote_while_they_go_on(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregates, "ROWS_IN_TURN", 10)
    send(ledger, stocked("TEA", quantity=30))
    with open_ledger(database_url) as other:
        send(other, [order(name, "TEA") for name in numbered("OTHER", 20)])
        events_between = ledger.log_recorder.events_between
        going_on = list(numbered("MEANWHILE", 3))

        def read(after: int, until: int) -> list[tuple[int, bytes]]:
            while going_on:
                assert statuses(send(other, [order(going_on.pop(), "TEA")])) == ["accepted"]
            return events_between(after, until)

        monkeypatch.setattr(ledger.log_recorder, "events_between", read)
        assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["accepted"]
    assert_cache_matches_the_log(ledger, database_url)
    assert sold(ledger, "TEA") == 20 + 3 + 1


def test_an_older_file_put_in_place_is_believed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    for path, count in ((old, 2), (new, 6)):
        with open_ledger(f"sqlite:///{path}") as ledger:
            send(ledger, [*stocked("TEA", quantity=10), *(
                order(name, "TEA") for name in numbered("SO", count)
            )])
    with open_ledger(f"sqlite:///{new}") as ledger:
        send(ledger, [order("SO-7", "TEA")])
        newer = ledger.writer.aggregates
        with open_ledger(f"sqlite:///{old}") as restored:
            newer._recorder = restored.log_recorder
            newer.catch_up(restored.head())
            stock = restored.aggregate("stock/TEA")
            assert state_of(newer.get("stock/TEA")) == state_of(stock)


@pytest.fixture(scope="module")
def hot(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a ledger in which one item has thousands of events."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hot') / 'hot.db'}"
    with open_ledger(url) as ledger:
        send(ledger, stocked("HOT", "COLD", quantity=5000))
        for start in range(0, 1500, 500):
            send(ledger, [
                command for number in range(start, start + 500) for command in (
                    order(f"SO-{number}", "HOT"),
                    {"command": "ship-order", "order": f"SO-{number}", "shipment": "S",
                     "id": f"ship-{number}"},
                )
            ])
    return url


def snapshots_of(url: str, stream: str) -> list[int]:
    """Return the versions at which snapshots of a stream were taken."""
    return [row[0] for row in table(
        url, "SELECT originator_version FROM stored_snapshots WHERE originator_id=? ORDER BY 1",
        [stream],
    )]


def test_a_hot_item_is_loaded_from_a_snapshot(hot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = snapshots_of(hot, "stock/HOT")
    assert len(taken) >= 3
    with open_ledger(hot) as ledger:
        folded: list[str] = []
        read = LedgerMapper.to_domain_event

        def counted(mapper: LedgerMapper, row: Any) -> Any:
            folded.append(row.topic)
            return read(mapper, row)

        monkeypatch.setattr(LedgerMapper, "to_domain_event", counted)
        stock = ledger.aggregate("stock/HOT")
        assert stock.version > 3000
        assert folded[0] == "Snapshot.v1"
        assert len(folded) <= 1 + 2 * SNAPSHOT_AFTER + 1000, "a commit may hold 1,000 of its events"
        folded.clear()
        resident = ledger.writer.aggregates.get("stock/HOT")
        assert folded[0] == "Snapshot.v1"
        assert state_of(resident) == state_of(stock)


def test_as_of_a_position_takes_an_older_snapshot(hot: str) -> None:
    with open_ledger(hot) as ledger:
        every = ledger.read_stream("stock/HOT")
        for event in (every[0], every[199], every[len(every) // 2], every[-2]):
            then = ledger.aggregate("stock/HOT", until=event.position)
            assert then.version == event.originator_version
            again = None
            for earlier in every[: event.originator_version]:
                again = earlier.mutate(again)
            assert again is not None
            assert state_of(then) == state_of(again)


def test_without_its_snapshots_a_ledger_is_the_same(hot: str) -> None:
    with open_ledger(hot) as ledger:
        before = state_of(ledger.aggregate("stock/HOT"))
        with ledger.datastore.write_transaction() as cursor:
            cursor.execute("DELETE FROM stored_snapshots")
        assert state_of(ledger.aggregate("stock/HOT")) == before
    with open_ledger(hot) as ledger:
        assert state_of(ledger.writer.aggregates.get("stock/HOT")) == before
        assert statuses(send(ledger, [order("SO-last", "HOT")])) == ["accepted"]
    assert snapshots_of(hot, "stock/HOT"), "the next change takes one"
    assert_log_is_sound(hot)
