"""Whom a change of the settings concerns: who is left out has nothing that could have changed."""

from datetime import date
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.tables import TableSet
from stocktrail.projections import ReadModels
from stocktrail.projections.folding import order_side, stock_side
from stocktrail.projections.folding.projector import Projector
from stocktrail.projections.folding.shadow_tables import (
    create_indexes,
    create_tables,
    fold_into_shadow_tables,
)
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.promises_today import PromisesToday
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import STOCK_LEVEL
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    order,
    pool,
    product,
    receive,
    send,
    source,
)
from tests.counted import counted

SKUS, POOLS, SOURCES = ("A", "B", "C", "D"), ("default", "EU", "US"), ("default", "b", "c")
skus, pools, sources = map(st.sampled_from, (SKUS, POOLS, SOURCES))


def wish(command: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Command]:
    """Draw a command that may be accepted or refused."""
    return st.fixed_dictionaries({"command": st.just(command), **fields})


days = st.integers(1, 9).map(lambda day: f"2026-03-{day:02}")
numbers = st.sampled_from([*range(-3, 5), "inherit"])


def with_level(
    drawn: st.SearchStrategy[Command], level: st.SearchStrategy[Command]
) -> st.SearchStrategy[Command]:
    """Draw a setting at one of its levels."""
    return st.builds(lambda command, at: {**command, **at}, drawn, level)


def settings_at(
    level: st.SearchStrategy[Command], at_source: st.SearchStrategy[Command],
    of_all: st.SearchStrategy[Command],
) -> st.SearchStrategy[Command]:
    """Draw a setting that low stock depends on, at one of these levels."""
    return st.one_of(
        with_level(wish("change-threshold", value=numbers,
                        threshold=st.sampled_from(["notify_below", "out_of_stock"])), level),
        with_level(wish("change-threshold", value=numbers, threshold=st.just("notify_below")),
                   at_source),
        with_level(wish("set-backorder-policy",
                        backorders=st.sampled_from(["no", "allow", "inherit"])), level),
        with_level(wish("set-manage-stock", manage=st.sampled_from(["on", "off", "inherit"])),
                   of_all),
    )


OWN = settings_at(
    st.builds(lambda sku, level: {"sku": sku, **level}, skus,
              st.sampled_from([{}, {"pool": "EU"}])),
    st.builds(lambda sku, at: {"sku": sku, "source": at}, skus, st.sampled_from(("default", "b"))),
    st.builds(lambda sku: {"sku": sku}, skus),
)
"""A level of one item."""
GENERAL = settings_at(
    st.sampled_from([{}, {"pool": "EU"}]),
    st.sampled_from([{"source": "b"}, {"source": "default"}]), st.just({}),
)
"""A level of all items."""
PLACES = st.one_of(
    wish("disable-source", source=sources),
    wish("enable-source", source=sources),
    wish("define-pool", pool=pools, sources=st.lists(sources, min_size=1, unique=True)),
)
SETTINGS = st.one_of(OWN, GENERAL, PLACES)
UNITS = st.one_of(
    wish("count-stock", sku=skus, counted=st.integers(0, 4), source=sources),
    wish("set-stock-status", sku=skus, source=sources,
         status=st.sampled_from(["in_stock", "out_of_stock"])),
    wish("place-order", order=st.uuids().map(str), customer=st.just("C"), pool=pools,
         lines=st.builds(lambda sku, n: [{"sku": sku, "quantity": n}], skus, st.integers(1, 4))),
)


PURCHASES = st.one_of(
    wish("place-purchase-order", purchase_order=st.sampled_from(["P1", "P2", "P3"]),
         vendor=st.just("V"), source=sources,
         lines=st.builds(
             lambda sku, number, on: [{"sku": sku, "quantity": number, "expected_date": on}],
             skus, st.integers(1, 9), days)),
    wish("delay-purchase-order", purchase_order=st.sampled_from(["P1", "P2", "P3"]),
         expected_date=days, reason=st.just("drawn")),
    wish("set-promise-rules", overdue_offset_days=st.integers(0, 3)),
)
"""What is to come, and on which day it is counted when it is overdue."""


def everybody(*_: object) -> set[str]:
    """Concern every item, as all settings once did."""
    return set(SKUS)


def folded(ledger: Ledger, stop: int) -> dict[str, Any]:
    """Fold the log, by two projectors that take turns at a position; return what is found.

    That is every row of stock, but that a pool has nothing of an item may be written or not. Of
    promises it is how they changed, and what holds of each line on a day: what an item was last
    pegged for may differ where that changes nothing.
    """
    tables = TableSet(ScratchDatabase())
    with tables.database.writing() as cursor:
        create_tables(tables, cursor)
        create_indexes(tables, cursor)
    head = ledger.head().position
    fold_into_shadow_tables(ledger, tables, Projector(tables), 0, stop, None)
    fold_into_shadow_tables(ledger, tables, Projector(tables), stop, head, None)
    with tables.database.reading() as cursor:
        stored = [table for model in StockProjector.models for table in model.tables]
        found: dict[str, Any] = {
            table.name: {row for page in table.pages(cursor) for row in page}
            for table in (*stored, PROMISE_CHANGE)
        }
        settings = load_settings(tables, cursor)
        for today in (date(2026, 3, 5), date(2026, 3, 20)):
            queues = PromisesToday(tables, cursor, settings, today).queues(SKUS)
            found[f"promised on {today}"] = {
                sku: dict(queue.lines) for sku, queue in queues.items()
            }
    levels = found[STOCK_LEVEL.name]
    found[STOCK_LEVEL.name] = {row for row in levels if any(row[2:])}
    return found


def begun(ledger: Ledger, *more: Command) -> None:
    """Open a shop of four items and three pools, and let more happen in it."""
    given(
        ledger, *map(source, SOURCES[1:]), pool("EU", "default", "b"), pool("US", "c"),
        *map(product, SKUS), {"command": "set-backorder-policy", "backorders": "allow"}, *more,
    )


def assert_nobody_was_left_out(ledger: Ledger, stop: int) -> None:
    """See that everything is as it would be if each change concerned every item."""
    found = folded(ledger, stop)
    with patch.object(stock_side, "skus_carried", everybody), patch.object(
        stock_side, "skus_to_judge", everybody
    ), patch.object(order_side, "skus_concerned", everybody):
        assert found == folded(ledger, stop)


@for_all(
    st.lists(
        st.lists(SETTINGS, min_size=1, max_size=2)
        | st.one_of(UNITS, PURCHASES).map(lambda one: [one])
        | st.tuples(PURCHASES, SETTINGS).map(list),
        min_size=3, max_size=14,
    ),
    st.integers(0, 13),
)
def test_who_is_left_out_has_nothing_that_could_have_changed(
    drawn: list[list[Command]], turn: int
) -> None:
    with open_in_memory() as ledger:
        begun(ledger, *(receive(number, sku) for number, sku in enumerate(SKUS, 1)))
        ends = []
        for number, unit in enumerate(drawn):
            at = f"2026-03-{1 + number // 2:02}T09:00:00Z"
            named = [
                {"id": f"{number}-{n}", "occurred_at": at, **each} for n, each in enumerate(unit)
            ]
            if len(named) > 1:
                named = [{"group": f"G-{number}", **each} for each in named]
            send(ledger, *named)
            ends.append(ledger.head().position)
        assert_nobody_was_left_out(ledger, ends[turn % len(ends)])


HELD = st.fixed_dictionaries({sku: st.tuples(*[st.integers(0, 4)] * 2) for sku in SKUS})


@for_all(HELD, st.lists(OWN, max_size=4), st.lists(GENERAL, min_size=1, max_size=6))
def test_a_setting_of_all_items_is_noticed_by_those_with_levels_of_their_own_too(
    held: dict[str, tuple[int, ...]], own: list[Command], general: list[Command]
) -> None:
    with open_in_memory() as ledger:
        begun(ledger, *(
            {"command": "count-stock", "sku": sku, "counted": units, "source": at}
            for sku, parts in held.items() for at, units in zip(SOURCES, parts, strict=False)
        ))
        send(ledger, *({"id": f"{n}", **each} for n, each in enumerate([*own, *general])))
        assert_nobody_was_left_out(ledger, 1)


def test_what_no_source_sells_gets_low_once_zero_is_few_enough() -> None:
    with open_in_memory() as ledger:
        begun(
            ledger, receive(1), backorders("no"),
            {"command": "change-threshold", "threshold": "out_of_stock", "value": 10},
            {"command": "change-threshold", "threshold": "notify_below", "value": -1},
            {"command": "disable-source", "source": "default"},
            {"command": "change-threshold", "threshold": "notify_below", "value": 0},
        )
        assert_nobody_was_left_out(ledger, 1)


@for_all(
    st.lists(st.tuples(skus, pools, st.integers(1, 5)), min_size=2, max_size=6),
    st.lists(st.tuples(skus, sources, st.integers(1, 9), days), min_size=2, max_size=6),
    st.lists(PLACES, min_size=1, max_size=4),
)
def test_sources_and_pools_are_noticed_by_whoever_waits_for_what_is_to_come(
    waiting: list[tuple[str, str, int]], coming: list[tuple[str, str, int, str]],
    places: list[Command],
) -> None:
    with open_in_memory() as ledger:
        begun(ledger, *(
            {"command": "place-purchase-order", "purchase_order": f"PO-{n}", "vendor": "V",
             "source": at, "occurred_at": "2026-03-01T09:00:00Z",
             "lines": [{"sku": sku, "quantity": number, "expected_date": on}]}
            for n, (sku, at, number, on) in enumerate(coming)
        ))
        send(ledger, *(
            {"id": f"SO-{n}", "occurred_at": "2026-03-02T09:00:00Z",
             **order(f"SO-{n}", number, sku=sku, pool=where)}
            for n, (sku, where, number) in enumerate(waiting)
        ))
        for n, each in enumerate(places):
            send(ledger, {"id": f"{n}", "occurred_at": f"2026-03-0{3 + n}T09:00:00Z", **each})
        assert_nobody_was_left_out(ledger, 1)


FEW, MANY = 20, 200

CHANGES: dict[str, Command] = {
    "an empty source is disabled": {"command": "disable-source", "source": "empty"},
    "a pool sells from an empty source too":
        {"command": "define-pool", "pool": "far", "sources": ["empty", "emptier"]},
    "a threshold that nobody is near":
        {"command": "change-threshold", "threshold": "notify_below", "value": 3},
    "safety stock that nobody is near":
        {"command": "change-threshold", "threshold": "out_of_stock", "value": 2},
    "backorders are allowed": {"command": "set-backorder-policy", "backorders": "allow"},
    "how overdue receipts are counted, and none is expected":
        {"command": "set-promise-rules", "overdue_offset_days": 3},
    "a threshold of an empty source":
        {"command": "change-threshold", "threshold": "notify_below", "value": 3, "source": "empty"},
}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[int, ReadModels]:
    """Open a shop with few items and one with many; all have plenty."""
    found = {}
    for size in (FEW, MANY):
        ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('reach')}/{size}.db")
        skus = [f"I{number}" for number in range(size)]
        given(
            ledger, source("empty"), source("emptier"), pool("far", "empty"),
            *map(product, skus), *(receive(90, sku) for sku in skus),
            *(order(f"SO-{sku}", 1, sku=sku) for sku in skus),
        )
        found[size] = ReadModels(ledger)
        found[size].catch_up()
    return found


@pytest.mark.parametrize("what", CHANGES)
def test_ten_times_the_items_take_no_more_work_when_nobody_is_concerned(
    shops: dict[int, ReadModels], what: str
) -> None:
    work = []
    for models in shops.values():
        given(models.ledger, CHANGES[what])
        work.append(counted(partial(models.catch_up)))
    few, many = work
    assert many <= 1.1 * few
