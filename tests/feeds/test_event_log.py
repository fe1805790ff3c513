"""Pages of the log: whoever asks on and on gets exactly what is selected, in order, once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.feeds import event_log
from stocktrail.feeds.event_log import CursorBeyondLog, EventLog, EventPage
from stocktrail.feeds.selection import EVERYTHING, Selection, select
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, open_ledger
from tests.store.shop import order, send, stocked

SUBJECTS = [None, "stock/*", "order/*", "order/SO-1", "stock/B", "stock/", "nothing", "*"]
TYPES = ["OrderPlaced", "StockReceived.v1", "stocktrail.StockReserved.v1", "OrderCancelled"]
SELECTIONS = st.builds(
    select, st.lists(st.sampled_from(TYPES), max_size=3), st.sampled_from(SUBJECTS)
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventLog]:
    """Return a log of some hundred events that nobody adds to."""
    path: Path = tmp_path_factory.mktemp("log") / "stocktrail.db"
    with open_ledger(f"sqlite:///{path}") as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_log, "_ROWS_AT_ONCE", 7)       # pages are read in several steps
        send(ledger, stocked("A", "B", "C", "SO-1"))
        send(ledger, [order(f"SO-{number}", "ABC"[number % 3]) for number in range(100)])
        yield EventLog(ledger)


def expected(log: EventLog, selection: Selection) -> list[int]:
    """Pick from the log, event by event, without any of the code under test."""
    return [
        event.position for event in log.ledger.read(0, 10_000)
        if (not selection.topics or event.payload.topic in selection.topics)
        and (
            selection.subject is None or event.originator_id == selection.subject
            or (selection.subject.endswith("*")
                and event.originator_id.startswith(selection.subject[:-1]))
        )
    ]


@given(selection=SELECTIONS, limits=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_pages_of_any_size_and_selection_are_exactly_the_log(
    log: EventLog, selection: Selection, limits: list[int]
) -> None:
    found: list[int] = []
    after, number = 0, 0
    while True:
        page = log.page(after, limits[number % len(limits)], selection)
        found += [event.position for event in page.events]
        assert after < page.position or not page.closed
        assert page.position <= page.head == log.head()
        after, number = page.position, number + 1
        if not page.closed:
            break
    assert after == log.head(), "the position moves over what was left out"
    assert found == expected(log, selection)


@settings(max_examples=25)
@given(after=st.integers(0, 300), limit=st.integers(1, 50), selection=SELECTIONS)
def test_a_full_page_is_the_same_for_ever(
    tmp_path_factory: pytest.TempPathFactory, log: EventLog, after: int, limit: int,
    selection: Selection,
) -> None:
    before = log.page(min(after, log.head()), limit, selection)
    send(log.ledger, [order(f"more-{log.head()}", "A")])
    again = log.page(min(after, log.head()), limit, selection)
    assert before.full == before.closed, "the whole log is looked at"
    if before.full:
        assert (again.events, again.position, again.full) == (before.events, before.position, True)
    else:
        assert again.events[: len(before.events)] == before.events


def test_without_read_models_a_page_looks_at_so_much_and_no_more(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "MAX_SCANNED", 30)
    page = log.page(0, 1000, select(["OrderCancelled"]))
    assert (page.events, page.closed, page.full) == ((), True, False)
    assert 30 <= page.position < 90
    assert pages(log, select(["OrderPlaced"])) == expected(log, select(["OrderPlaced"]))


def test_a_page_is_full_when_it_holds_enough_bytes(log: EventLog) -> None:
    page = log.page(0, 1000, EVERYTHING, max_bytes=2000)
    assert page.closed
    assert 2000 <= sum(len(event.body) for event in page.events) < 4000


def pages(log: EventLog, selection: Selection) -> list[int]:
    """Read page after page up to the head."""
    found: list[int] = []
    page = EventPage((), 0, 0, closed=True)
    while page.closed:
        page = log.page(page.position, 1000, selection)
        found += [event.position for event in page.events]
    return found


def test_a_cursor_beyond_the_log_is_an_error_and_the_head_is_not(ledger: Ledger) -> None:
    log = EventLog(ledger)
    assert log.page(0) == EventPage((), 0, 0, closed=False)
    send(ledger, stocked("A"))
    head = log.head()
    assert log.page(head) == EventPage((), head, head, closed=False)
    with pytest.raises(CursorBeyondLog, match=f"this log ends at {head}") as raised:
        log.page(head + 1)
    assert raised.value.code == "cursor_beyond_log"


def test_the_source_names_the_ledger_and_its_copies(ledger: Ledger) -> None:
    log = EventLog(ledger)
    assert log.source == "urn:stocktrail:ledger"
    send(ledger, stocked("A"))
    [first] = log.page(0, 1).events
    assert json.loads(first.body)["source"] == log.source == EventLog(ledger).source
    assert log.source == f"urn:stocktrail:ledger:{ledger.read(0, 1)[0].recorded_at}"
    [named] = EventLog(ledger, "https://shop.example/ledger").page(0, 1).events
    assert json.loads(named.body)["source"] == "https://shop.example/ledger"


def test_a_type_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refusal, match="no type of event named OrderEaten") as raised:
        select(["OrderPlaced,OrderEaten"])
    assert raised.value.code == "unknown_type"
