"""What happened to an item is told from its end: the latest events, and how to see the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.log_reading import LogReading
from stocktrail.projections.answers import item_events
from stocktrail.projections.answers.item_as_of import settings_at, stock_at
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.models import pool_events
from stocktrail.projections.models.pool_events import is_about_pool
from stocktrail.projections.questions.explain_stock import concerns, explain_stock
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.replay import balances, replay
from stocktrail.projections.read_models import ReadModels
from tests.projections.purchasing import Purchasing
from tests.projections.shop import Shop
from tests.projections.test_promises_whatever_happens import shop_of_its_own, units
from tests.projections.test_read_models_agree import SKUS

Asked = Callable[..., dict[str, Any]]


def assert_history_adds_up(shop: Purchasing, sku: str, as_of: int | None, limit: int) -> None:
    """Compare the history in the order of what happened, page by page, with adding it up here."""
    for pool in (None, "EU"):
        recorded = history(shop.models, sku, as_of, pool=pool)["rows"]
        sums: dict[tuple[str | None, str | None], float] = {}
        expected = []
        for row in sorted(recorded, key=lambda row: str(row["occurred_at"])):
            where = (row["source"], row["pool"])
            sums[where] = round(sums.get(where, 0) + row["delta"], 4)
            expected.append({**row, "quantity_after": sums[where]})
        found: list[dict[str, Any]] = []
        after = None
        while not found or after is not None:
            page = history(
                shop.models, sku, as_of, occurred=True, pool=pool, limit=limit, after=after
            )
            found += page["rows"]
            after = page["next"]
            assert page["total"] == len(expected)
        assert found == expected
        assert history(shop.models, sku, as_of, occurred=True, pool=pool)["rows"] == expected


@contextmanager
def small_blocks(size: int) -> Iterator[None]:
    """Have as many versions of a stream counted together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool_events, "BLOCK", size)
        patch.setattr(item_events, "BLOCK", size)
        yield


@settings(max_examples=6)
@given(st.lists(units, min_size=4, max_size=10), st.integers(1, 5), st.data())
def test_pages_are_parts_of_the_whole(
    drawn: list[tuple[int, list[dict[str, Any]]]], last: int, data: st.DataObject
) -> None:
    with shop_of_its_own() as shop, small_blocks(4):
        opened = shop.ledger.head().position
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                shop.try_together(unit)
        for sku in SKUS:
            shop.send("receive-stock", sku=sku, quantity=1, occurred_at="2026-03-02T09:00:00Z")
            shop.send("receive-stock", sku=sku, quantity=2, occurred_at="2026-03-01T09:00:00Z")
        head = shop.ledger.head().position
        for as_of in (None, data.draw(st.integers(opened, head))):
            for sku in SKUS:
                whole = explain_stock(shop.models, sku, "EU", as_of)
                assert whole["events"] == by_whole_streams(shop, sku, "EU", as_of or head)
                assert_pages(explain_stock, shop.models, sku, as_of, last, "events")
                assert_pages(replay, shop.models, sku, as_of, last, "rows")
                assert_history_adds_up(shop, sku, as_of, last)


def by_whole_streams(shop: Purchasing, sku: str, pool: str, until: int) -> list[dict[str, Any]]:
    """Find what concerns an item in a pool among all events, as it was done before."""
    held = settings_at(shop.models, until)
    sources = {*stock_at(shop.models, sku, until).on_hand, *held.sources_of(pool)}
    found = [
        recorded
        for recorded in shop.ledger.read_stream(Settings.stream_of(SETTINGS_KEY), until=until)
        if concerns(recorded, pool, sources)
    ]
    found += (
        recorded
        for recorded in shop.ledger.read_stream(ProductStock.stream_of(sku), until=until)
        if is_about_pool(recorded.payload, pool)
    )
    return [event_with_sentence(each) for each in sorted(found, key=attrgetter("position"))]


def assert_pages(
    ask: Asked, models: ReadModels, sku: str, as_of: int | None, last: int, rows: str
) -> None:
    """Follow what leads to earlier events, and compare all pages with the whole."""
    whole = ask(models, sku, "EU", as_of)
    assert whole["next"] is None
    found: list[dict[str, Any]] = []
    before = None
    while True:
        page = ask(models, sku, "EU", as_of, last=last, before=before)
        found = page[rows] + found
        assert len(page[rows]) <= last
        if "earlier_events" in page:
            assert page["earlier_events"] == len(whole[rows]) - len(found)
        different = {rows, "next", "earlier_events"}
        assert {k: v for k, v in page.items() if k not in different} == {
            k: v for k, v in whole.items() if k not in different
        }
        if page["next"] is None:
            break
        before = page["next"]
    assert found == whole[rows]


def test_however_many_events_an_item_has_no_more_are_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    stream = LogReading.stream

    def counted(log: LogReading, *asked: Any) -> Any:
        found = stream(log, *asked)
        read.append(len(found))
        return found

    monkeypatch.setattr(LogReading, "stream", counted)
    shop.carry("A", 10)
    numbers = []
    with small_blocks(16):
        for _ in range(3):
            for _ in range(32):
                shop.send("receive-stock", sku="A", quantity=1)
            read.clear()
            assert len(explain_stock(shop.models, "A", last=5)["events"]) == 5
            numbers.append(sum(read))
    assert max(numbers[1:]) <= numbers[0] + 16


def test_a_replay_of_the_latest_events_weighs_up_no_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed: list[str] = []

    def counted(stock: ProductStock, settings: Settings, pool: str) -> dict[str, Any]:
        weighed.append(pool)
        return balances(stock, settings, pool)

    monkeypatch.setattr(import_module(replay.__module__), "balances", counted)
    shop.carry("A", 10)
    for _ in range(32):
        shop.send("receive-stock", sku="A", quantity=1)
    assert len(replay(shop.models, "A", last=5)["rows"]) == 5
    assert len(weighed) == 6                     # before the first of them, and after each
