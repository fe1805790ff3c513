"""Events from Python: in order, from any position, and as they come."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

import stocktrail
from stocktrail.commands import NewLine, PlaceOrder, ReceiveStock, RegisterProduct
from stocktrail.feeds.event_log import CursorBeyondLog
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.stock.events import StockReceived
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.postgres_address import postgres_address
from tests.postgres_server import PostgresServer, ServerElsewhere, replace_schema

PATIENCE = 30


def receive(quantity: int = 1) -> ReceiveStock:
    """Receive lamps."""
    return ReceiveStock(sku="LAMP", quantity=quantity)


def test_the_log_is_read_to_its_end_from_any_position(shop: stocktrail.Shop) -> None:
    shop.submit(receive())
    assert [event.position for event in shop.events()] == [1, 2, 3]
    assert [event.position for event in shop.events(after=2)] == [3]
    assert list(shop.events(after=3)) == []


def test_a_log_of_many_pages_is_read_without_gaps(
    shop: stocktrail.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stocktrail.following.EVENTS_PER_PAGE", 2)
    shop.submit([receive() for _ in range(5)])
    assert [event.position for event in shop.events()] == [1, 2, 3, 4, 5, 6, 7]


def test_types_and_subjects_select(any_shop: stocktrail.Shop) -> None:
    any_shop.submit([
        RegisterProduct(sku="DESK"),
        PlaceOrder(order="SO-1", customer="A", lines=[NewLine(sku="LAMP", quantity=1)]),
    ])

    def positions(types: Sequence[type[Event] | str] = (), subject: str | None = None) -> list[int]:
        return [event.position for event in any_shop.events(types=types, subject=subject)]

    assert positions([StockReceived]) == [2]
    assert positions(["OrderPlaced", StockReceived]) == [2, 4]
    assert positions(subject="order/SO-1") == [4]
    assert positions(subject="stock/*") == [1, 2, 3, 5]


def test_a_type_that_there_is_not_is_refused_at_once(shop: stocktrail.Shop) -> None:
    with pytest.raises(stocktrail.Refusal) as raised:
        shop.events(types=["LampBroken"])
    assert raised.value.code == "unknown_type"


def test_a_cursor_beyond_the_log_is_an_error_and_never_silence(shop: stocktrail.Shop) -> None:
    with pytest.raises(CursorBeyondLog, match="ends at 2"):
        shop.events(after=3)


def test_who_follows_a_log_that_is_replaced_by_a_shorter_one_is_told(
    postgres: PostgresServer | ServerElsewhere, postgres_url: str, other_postgres_url: str
) -> None:
    with stocktrail.open(postgres_url) as longer, stocktrail.open(other_postgres_url) as shorter:
        longer.submit([RegisterProduct(sku="LAMP"), receive(), receive()])
        shorter.submit(RegisterProduct(sku="LAMP"))
        events = longer.events(follow=True)
        assert [next(events).position for _ in range(3)] == [1, 2, 3]
        schema, other = (postgres_address(url).schema for url in (postgres_url, other_postgres_url))
        shorter.close()
        replace_schema(postgres, schema, other)
        with pytest.raises(CursorBeyondLog, match="ends at 1"):
            next(events)


def test_who_follows_hears_of_what_is_recorded_later(any_shop: stocktrail.Shop) -> None:
    events = any_shop.events(after=2, follow=True)
    with ThreadPoolExecutor(1) as thread:
        heard = thread.submit(lambda: [event.position for event in islice(events, 3)])
        for _ in range(3):
            any_shop.submit(receive())
        assert heard.result(PATIENCE) == [3, 4, 5]


def test_who_follows_may_submit_what_follows_from_an_event(shop: stocktrail.Shop) -> None:
    for event in shop.events(after=1, follow=True):
        if event.position == 4:
            break
        shop.submit(receive())
    assert shop.position == 4


def test_what_another_process_records_is_heard_too(ledger: Ledger) -> None:
    with stocktrail.open(ledger.url) as shop, stocktrail.open(ledger.url) as other:
        events = shop.events(follow=True)
        with ThreadPoolExecutor(1) as thread:
            heard = thread.submit(lambda: [event.position for event in islice(events, 2)])
            other.submit([RegisterProduct(sku="LAMP"), receive()])
            assert heard.result(PATIENCE) == [1, 2]


def test_closing_the_shop_ends_whoever_follows(any_shop: stocktrail.Shop) -> None:
    events = any_shop.events(follow=True)
    with ThreadPoolExecutor(1) as thread:
        assert next(events).position == 1
        heard = thread.submit(lambda: [event.position for event in events])
        any_shop.close()
        assert heard.result(PATIENCE) in ([], [2])
