"""Many aggregates at a position, loaded together, are what each is by itself."""

import random

import pytest

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.aggregates_at import aggregates_at
from stocktrail.ledger.store.engine import commit_group
from stocktrail.ledger.store.events_at import events_at, versions_at
from tests.store.shop import order, send, stocked


def test_many_are_loaded_as_each_by_itself_at_any_position(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_group, "SNAPSHOT_AFTER", -10)     # so that there are many
    chance = random.Random(1)
    send(ledger, stocked("A", "B", "C", quantity=10_000))
    for number in range(12):
        send(ledger, [
            order(f"SO-{number}-{each}", *chance.sample("ABC", 2)) for each in range(30)
        ])
    streams = [*(f"stock/{sku}" for sku in "ABC"), "order/SO-3-7", "order/none", "stock/none"]
    assert {stream for stream, _ in ledger.snapshot_versions()} >= {"stock/A", "stock/B"}
    head = ledger.head().position
    for position in [0, 1, head, *(chance.randint(0, head) for _ in range(25))]:
        found = aggregates_at(ledger, streams, position)
        assert list(found) == streams
        for stream, aggregate in found.items():
            alone = ledger.aggregate(stream, position)
            assert aggregate.to_state() == alone.to_state()
            assert (aggregate.id, aggregate.version) == (stream, alone.version)
        assert versions_at(ledger, streams, position) == {
            stream: ledger.version_at(stream, position) for stream in streams
        }
    positions = chance.sample(range(1, head + 1), 60)
    assert events_at(ledger, positions) == [
        event for event in ledger.read(0, head) if event.position in positions
    ]
