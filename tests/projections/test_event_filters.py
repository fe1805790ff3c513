"""The log narrowed down by day, actor, customer and command: what is picked, and what is read."""

import random
from collections.abc import Sequence
from datetime import date

import pytest

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.instant import day_of, to_iso
from stocktrail.ledger.orders.events import OrderPlaced
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.event_search import search
from stocktrail.projections.questions.latest_events import LatestEvents
from tests.projections.test_event_search import rows_read
from tests.store.shop import Command, order, send, stocked

ACTORS, CUSTOMERS = ("Ada", "Bob", None), ("C-1", "C-2", "C-3")


def some_days(ledger: Ledger, chance: random.Random, commands: int) -> None:
    """Let three people sell to three customers, and cancel a little; nobody else does anything."""
    send(ledger, stocked("A", quantity=10_000))
    for number in range(commands):
        command: Command = order(f"SO-{number}", "A") | {"customer": chance.choice(CUSTOMERS)}
        if number and chance.random() < .2:
            command = {"command": "cancel-order", "order": f"SO-{chance.randrange(number)}"}
        if actor := chance.choice(ACTORS):
            command["actor"] = actor
        send(ledger, [command | {"id": f"c-{number}"}])


def picked(events: Sequence[RecordedEvent], asked: dict[str, str]) -> list[int]:
    """Pick events one by one, the latest first, without any of the code under test."""
    customers = {
        event.payload.order: event.payload.customer
        for event in events if isinstance(event.payload, OrderPlaced)
    }

    def is_of(event: RecordedEvent, customer: str) -> bool:
        category, _, key = event.originator_id.partition("/")
        return category == "order" and customers[key] == customer

    return [
        event.position for event in reversed(events)
        if asked.get("type", "") in ("", type(event.payload).__name__)
        and asked.get("actor", event.actor) == event.actor
        and asked.get("command", event.command_id) == event.command_id
        and ("customer" not in asked or is_of(event, asked["customer"]))
        and to_iso(event.recorded_at) >= asked.get("since", "")
        and to_iso(event.recorded_at) <= asked.get("until", "9")
    ]


def pages(models: ReadModels, limit: int, asked: dict[str, str]) -> list[int]:
    """Read all pages; none but the last may be empty."""
    found: list[int] = []
    before = None
    while True:
        report = LatestEvents.model_validate(
            {**asked, "limit": limit, "before": before}
        ).answer(models)
        found += [row["position"] for row in report["rows"]]
        before = report["next"]
        if before is None:
            return found
        assert report["rows"]


def test_what_is_shown_is_what_is_picked_from_the_whole_log(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(4)
    for name, value in {
        "FEWEST_ROWS": 3, "MOST_ROWS": 11, "SEQUENCES_AT_ONCE": 7, "_FEWEST_BLOCKS": 1,
        "_FEW_FOUND": 5, "_WORTH_NARROWING": 4,
    }.items():
        monkeypatch.setattr(search, name, value)
    models = ReadModels(ledger)
    some_days(ledger, chance, 60)
    models.catch_up()
    events = ledger.read(0, 10_000)
    for _ in range(40):
        asked = {
            "type": chance.choice(["", "OrderPlaced", "OrderCancelled", "StockReserved"]),
            "actor": chance.choice(["Ada", "Bob", "nobody"]),
            "customer": chance.choice([*CUSTOMERS, "nobody"]),
            "command": f"c-{chance.randrange(70)}",
            "since": to_iso(chance.choice(events).recorded_at),
            "until": to_iso(chance.choice(events).recorded_at),
        }
        asked = {name: asked[name] for name in chance.sample(sorted(asked), chance.randint(1, 3))}
        assert pages(models, chance.randint(1, 9), asked) == picked(events, asked), asked


def test_what_the_read_models_have_not_folded_is_found_too(ledger: Ledger) -> None:
    some_days(ledger, random.Random(5), 10)
    ReadModels(ledger).catch_up()
    send(ledger, [order("SO-late", "A") | {"actor": "Ada", "id": "late"}])
    events = ledger.read(0, 10_000)
    for asked in ({"actor": "Ada"}, {"actor": "Ada", "type": "OrderPlaced"}, {"command": "late"}):
        assert pages(ReadModels(ledger), 50, asked) == picked(events, asked)


def test_a_day_is_one_of_the_shop(ledger: Ledger) -> None:
    send(ledger, stocked("A"))
    today = day_of(ledger.read(0, 1)[0].recorded_at)
    models = ReadModels(ledger)
    on_the_day = LatestEvents(since=today.isoformat(), until=today.isoformat())
    assert len(on_the_day.answer(models)["rows"]) == ledger.head().position
    before = date.fromordinal(today.toordinal() - 1).isoformat()
    assert LatestEvents(until=before).answer(models)["rows"] == []
    with pytest.raises(Refusal, match="neither a day such as"):
        LatestEvents(since="yesterday").answer(models)


@pytest.mark.parametrize("asked", [
    {"actor": "Eve"}, {"customer": "C-9"}, {"command": "c-1"}, {"actor": "nobody"},
    {"actor": "Eve", "type": "OrderPlaced"}, {"customer": "nobody"}, {"command": "nothing"},
])
def test_a_page_reads_no_more_rows_than_it_has_events(
    ledger: Ledger, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the log is: what is rare is at its beginning."""
    rare = order("SO-rare", "A") | {"actor": "Eve", "customer": "C-9", "id": "c-1"}
    send(ledger, [*stocked("A", quantity=10_000), rare])
    send(ledger, [order(f"SO-{number}", "A") | {"actor": "Ada"} for number in range(300)])
    models = ReadModels(ledger)
    models.catch_up()
    with rows_read(monkeypatch, ledger) as counted:
        report = LatestEvents.model_validate(asked).answer(models)
    assert [row["position"] for row in report["rows"]] == picked(ledger.read(0, 10_000), asked)
    assert report["next"] is None
    assert counted[0] <= 2               # where a range begins, the row before it is read too
