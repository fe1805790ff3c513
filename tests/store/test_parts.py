"""A command that leads to more events than a row holds is kept in parts, and is one command."""

import pytest

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store import command_row as row_module
from stocktrail.ledger.store.engine import new_row
from stocktrail.projections import ReadModels
from stocktrail.projections.verify.verification import verify
from tests.store.shop import (
    assert_log_is_sound,
    events_of,
    order,
    send,
    statuses,
    stocked,
    table,
)

SKUS = ("TEA", "SUGAR", "MILK", "CUPS", "SPOONS", "SAUCERS", "POTS", "TRAYS")
FIRST, LAST = 17, 25
"""The positions of the large order: an event of its own, and one of each item."""


@pytest.fixture
def split(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A shop whose rows hold three events at the most, and a large order in three parts."""
    for module in (row_module, new_row):
        monkeypatch.setattr(module, "MOST_EVENTS", 3)
    results = send(ledger, [
        *stocked(*SKUS), order("LARGE", *SKUS), order("SMALL", "TEA"),
    ])
    assert set(statuses(results)) == {"accepted"}
    return ledger


def test_it_takes_several_rows_under_one_id(split: Ledger, database_url: str) -> None:
    rows = table(
        database_url, "SELECT status, command_id, first_position, last_position FROM commands "
        "WHERE last_position >= 17 ORDER BY sequence",
    )
    assert rows == [
        ("accepted", "LARGE", FIRST, LAST), ("part", None, 20, 22), ("part", None, 23, LAST),
        ("accepted", "SMALL", 26, 27),
    ]
    assert [row[5] for row in events_of(database_url)][FIRST - 1 : LAST] == ["LARGE"] * 9
    assert table(database_url, "SELECT count(*) FROM outcomes WHERE command_id = 'LARGE'") == [(1,)]
    assert_log_is_sound(database_url)


@pytest.mark.parametrize("after", range(FIRST - 1, LAST))
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_no_page_splits_it(split: Ledger, after: int, limit: int) -> None:
    first, *_ = split.read_commands(after, limit)
    assert [event.position for event in first] == list(range(after + 1, LAST + 1))
    assert {event.command_id for event in first} == {"LARGE"}
    assert [event.position for event in split.read(after, limit)] == list(
        range(after + 1, min(after + limit, 27) + 1)
    )


def test_a_stop_inside_it_holds(split: Ledger) -> None:
    [events] = split.read_commands(FIRST - 1, 100, stop=21)
    assert [event.position for event in events] == list(range(FIRST, 22))


def test_it_is_found_by_stream_by_version_and_by_time(split: Ledger) -> None:
    for place, sku in enumerate(SKUS, start=FIRST + 1):
        assert [each.position for each in split.read_stream(f"stock/{sku}")][2] == place
        assert split.version_at(f"stock/{sku}", place) == 3
        assert split.version_at(f"stock/{sku}", place - 1) == 2
    for event in split.read(0, 100):
        assert split.position_at(event.recorded_at) == event.position
        assert split.position_at(event.recorded_at - 1) == event.position - 1


def test_sent_again_it_is_a_duplicate_with_all_its_events(
    split: Ledger, database_url: str
) -> None:
    [again] = send(split, [order("LARGE", *SKUS)])
    assert (again.status, again.position) == ("duplicate", LAST)
    assert [event.position for event in again.recorded] == list(range(FIRST, LAST + 1))
    with open_ledger(database_url) as other:          # and by its business id, from the log
        [again] = send(other, [order("LARGE", *SKUS, id="other")])
        assert (again.status, len(again.recorded)) == ("duplicate", 9)


def test_read_models_and_verification_know_it_as_one(split: Ledger, database_url: str) -> None:
    models = ReadModels(split)
    assert models.catch_up() == 27
    assert verify(models).ok
    with open_ledger(database_url, capacity=0) as cold:
        [refused] = send(cold, [order("MORE", "TEA", quantity=99)])
        assert refused.code == "not_enough_salable"
