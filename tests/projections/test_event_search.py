"""Events by type and stream are found wherever they are, and wherever the read models are."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from stocktrail.feeds import event_log
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.selection import select
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.log_reading import LogReading
from stocktrail.projections import ReadModels
from stocktrail.projections.event_search import search
from stocktrail.projections.event_search.posted_rows import PostedRows
from stocktrail.projections.models import event_index
from stocktrail.projections.models.version import TRACKED_AS
from stocktrail.projections.questions.latest_events import LatestEvents
from tests.store.shop import Command, order, send, stocked

TYPES = ("OrderPlaced", "StockReceived", "OrderCancelled", "ProductRegistered", "StockReserved")
STREAMS = (
    None, "stock/*", "order/*", "order/SO-1*", "order/SO-K*", "order/SO-13", "stock/A", "webhook/*",
    "*", "order/none", "stock/caf\u00e9", "stock/caf*", "stock/caf\u00e9*",
)

Filter = tuple[tuple[str, ...], str | None]


def history(seed: int, commands: int) -> Iterator[list[Command]]:
    """Yield scripts of a shop: mostly orders, rarely anything else, some refused."""
    chance = random.Random(seed)
    yield stocked("A", "B", "K-1", "caf\u00e9", quantity=10_000)
    left = commands
    while left > 0:
        some: list[Command] = []
        for _ in range(chance.randint(1, 60)):
            left -= 1
            name = f"SO-{chance.choice(['', 'K'])}{left}"
            kind = chance.random()
            if kind < 0.9:
                some.append(order(name, chance.choice(["A", "B", "K-1", "caf\u00e9"])))
            elif kind < 0.95:
                some += stocked(chance.choice("AB"))       # registered twice, so half refused
            elif kind < 0.97 and some:
                some.append({"command": "cancel-order", "order": some[0].get("order", name)})
            else:
                some.append(order(name, "nothing of the kind"))
        yield some


def picked(events: Sequence[RecordedEvent], wanted: Filter) -> list[int]:
    """Pick events one by one, without any of the code under test."""
    types, stream = wanted
    return [
        event.position for event in events
        if (not types or type(event.payload).__name__ in types) and (
            stream is None or event.originator_id == stream
            or (stream.endswith("*") and event.originator_id.startswith(stream[:-1]))
        )
    ]


def pages(log: EventLog, wanted: Filter, after: int, limit: int) -> list[int]:
    """Read the pages of a feed from a position to the end of the log."""
    types, stream = wanted
    found: list[int] = []
    while True:
        page = log.page(after, limit, select(types, stream))
        found += [event.position for event in page.events]
        assert len(page.events) <= limit
        assert not page.full or page.position == page.events[-1].position
        assert page.position > after or not page.closed
        after = page.position
        if not page.closed:
            assert after == log.head()
            return found


def latest_pages(
    models: ReadModels, wanted: Filter, before: int | None, above: int, limit: int
) -> list[int]:
    """Read the pages of the latest events until there is no next one."""
    [*types], stream = wanted
    found: list[int] = []
    while True:
        question = LatestEvents(
            type=types[0] if types else "", stream=stream or "", before=before, above=above,
            limit=limit,
        )
        report = question.answer(models)
        found += [row["position"] for row in report["rows"]]
        before = report["next"]
        if before is None:
            return found


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few hundred events take the ways that millions take."""
    for name, value in {
        "FEWEST_ROWS": 3, "MOST_ROWS": 11, "SEQUENCES_AT_ONCE": 17, "FEW_EVENTS": 30,
        "TRIED_ROWS": 23, "_FEWEST_BLOCKS": 1, "_FEW_FOUND": 5, "_WORTH_NARROWING": 4,
    }.items():
        monkeypatch.setattr(search, name, value)


def compare(ledger: Ledger, chance: random.Random) -> None:
    """Compare pages of some filters with what is picked from the whole log."""
    log, models = EventLog(ledger), ReadModels(ledger)
    events = ledger.read(0, 100_000)
    for _ in range(6):
        types = tuple(chance.sample(TYPES, chance.choice([0, 1, 1, 2])))
        wanted = (types, chance.choice(STREAMS))
        after, limit = chance.choice([0, chance.randint(0, len(events))]), chance.randint(1, 40)
        assert pages(log, wanted, after, limit) == picked(events[after:], wanted), wanted
        one = types[:1], wanted[1]
        before = chance.choice([None, len(events), chance.randint(1, len(events))])
        between = events[after : None if before is None else max(before - 1, after)]
        assert latest_pages(models, one, before, after, limit) == picked(between, one)[::-1], one


@pytest.mark.parametrize("seed", range(2))
def test_filtered_pages_are_what_is_picked_from_all_pages(
    ledger: Ledger, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    models = ReadModels(ledger)
    for number, some in enumerate(history(seed, 200)):
        send(ledger, some)
        if number == 0 or chance.random() < 0.5:
            continue                                     # the read models lag, or are not there yet
        monkeypatch.setattr(event_log, "MAX_SCANNED", chance.choice([50, 20_000]))
        compare(ledger, chance)
        if chance.random() < 0.6:
            models.catch_up()
            compare(ledger, chance)
    models.catch_up()
    compare(ledger, chance)


def test_during_a_rebuild_and_after_it_nothing_is_skipped(ledger: Ledger) -> None:
    chance = random.Random(7)
    scripts = list(history(7, 120))
    for some in scripts[:-1]:
        send(ledger, some)
    models = ReadModels(ledger)
    models.catch_up()

    def meanwhile(position: int, goal: int) -> None:
        compare(ledger, chance)

    send(ledger, scripts[-1])
    models.rebuild(meanwhile)
    compare(ledger, chance)


def test_the_postings_are_the_same_however_the_log_was_divided(ledger: Ledger) -> None:
    models = ReadModels(ledger)
    for some in history(3, 150):
        send(ledger, [*some, {**order(f"by-{some[-1]['id']}", "A"), "actor": "Ada"}])
        models.catch_up()

    def postings() -> list[dict[str, object]]:
        with models.side_tables.reading() as cursor:
            return list(map(dict, event_index.POSTING.all_rows(cursor)))

    live = postings()
    models.rebuild()
    assert postings() == live
    assert {row["kind"] for row in live} == {"type", "actor"}


def test_postings_that_are_gone_meanwhile_are_not_relied_on(ledger: Ledger) -> None:
    send(ledger, stocked("A", "B"))
    models, posted = ReadModels(ledger), PostedRows(ledger)
    models.catch_up()
    end = posted.end()
    assert posted.between({"StockReceived"}, 1, end) == [end - 1, end]
    with models.side_tables.writing() as cursor:
        models.side_tables.forget(cursor, TRACKED_AS)
    assert posted.between({"StockReceived"}, 1, end) is None
    assert posted.among({"StockReceived"}, [1, end]) == [1, end]


@contextmanager
def rows_read(patch: pytest.MonkeyPatch, ledger: Ledger) -> Iterator[list[int]]:
    """Count the rows of the log that are read."""
    counted = [0]
    read = LogReading.rows_at

    def counting(self: LogReading, sequences: Sequence[int]) -> list[CommandRow]:
        counted[0] += len(sequences)
        return read(self, sequences)

    with patch.context() as within:
        within.setattr(LogReading, "rows_at", counting)
        yield counted


@pytest.mark.parametrize("wanted", [
    (("OrderCancelled",), None), (("OrderRefunded",), None), ((), "order/SO-99*"),
    ((), "webhook/*"), (("StockReceived",), "stock/A"), (("OrderCancelled",), "order/*"),
])
def test_a_page_of_rare_events_reads_no_more_rows_than_it_has_events(
    ledger: Ledger, wanted: Filter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the log is: here the rare ones are at both its ends."""
    rare = [order("SO-1", "A"), {"command": "cancel-order", "order": "SO-1"}]
    often = [order(f"SO-{number}", "A") for number in range(2, 600)]
    again = [order("SO-999", "A"), {"command": "cancel-order", "order": "SO-999"}]
    send(ledger, [*stocked("A", quantity=10_000), *rare, *often, *again, *stocked("A")])
    ReadModels(ledger).catch_up()
    expected = picked(ledger.read(0, 100_000), wanted)
    log = EventLog(ledger)
    with rows_read(monkeypatch, ledger) as counted:
        page = log.page(0, 1000, select(*wanted))
    assert [event.position for event in page.events] == expected
    assert (page.position, page.closed) == (log.head(), False)
    assert counted[0] <= len(expected) + search.TRIED_ROWS + 5
    with rows_read(monkeypatch, ledger) as counted:
        question = LatestEvents(type="".join(wanted[0]), stream=wanted[1] or "", limit=1000)
        report = question.answer(ReadModels(ledger))
    assert [row["position"] for row in report["rows"]] == expected[::-1]
    assert report["next"] is None
    assert counted[0] <= len(expected) + search.TRIED_ROWS + 5
