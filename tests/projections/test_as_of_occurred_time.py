"""What had happened by a time, whenever it was recorded: by the trade's own clock."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workload import script
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store.engine.commit_group import SNAPSHOT_AFTER
from stocktrail.projections.as_of.moment import resolve_instant
from stocktrail.projections.questions.backorders import View
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.stock import stock
from tests.projections.purchasing import Purchasing, day
from tests.projections.test_promises_whatever_happens import VIEWS, shop_of_its_own, steps
from tests.projections.test_read_models_agree import POOLS, SKUS, without_command

EVER = resolve_instant("2090-01-01")


def noon(number: int) -> dict[str, str]:
    """Say that something happened at noon of a day."""
    return {"occurred_at": f"{day(number)}T12:00:00Z"}


def by(number: int) -> dict[str, Any]:
    """Ask about what had happened by the end of a day."""
    return {"occurred_until": resolve_instant(day(number))}


def at(shop: Purchasing, number: int, as_of: int | None = None) -> dict[str, Any]:
    """Ask for the stock of item A as it was at the end of a day."""
    return stock(shop.models, "A", as_of=as_of, **by(number))


def on_hand(shop: Purchasing, number: int, as_of: int | None = None) -> float:
    """Ask for the units on hand at the end of a day."""
    units: float = at(shop, number, as_of)["on_hand"].get("default", 0)
    return units


def test_a_fact_that_was_recorded_late_counts_from_when_it_happened(
    purchasing: Purchasing,
) -> None:
    purchasing.send("receive-stock", sku="A", quantity=10, **noon(2))
    before = purchasing.ledger.head().position
    after = purchasing.send("receive-stock", sku="A", quantity=7, **noon(1))
    assert [on_hand(purchasing, number) for number in (0, 1, 2)] == [0, 7, 17]
    assert [on_hand(purchasing, number, before) for number in (0, 1, 2)] == [0, 0, 10]
    assert (at(purchasing, 1)["as_of"], at(purchasing, 1, before)["as_of"]) == (after, before)


def test_a_back_dated_fact_older_than_a_snapshot_is_seen(purchasing: Purchasing) -> None:
    one = {"command": "receive-stock", "sku": "A", "quantity": 1, **noon(5)}
    for _ in submit(purchasing.ledger, read_json_lines(script([one] * (SNAPSHOT_AFTER + 20)))):
        pass
    snapshot = purchasing.ledger.log_recorder.snapshot("stock/A")
    assert snapshot is not None
    assert on_hand(purchasing, 1) == 0
    purchasing.send("receive-stock", sku="A", quantity=3, **noon(1))
    purchasing.order_of("SO-1", 4, 2, **noon(1))
    recorded = purchasing.ledger.read_stream("stock/A")
    assert recorded[-2].originator_version > snapshot.originator_version
    assert [on_hand(purchasing, number) for number in (0, 1, 5)] == [0, 3, SNAPSHOT_AFTER + 23]
    until = by(1)
    [row] = purchasing.ask("customer", today=1, **until)
    assert (row["order"], row["remaining"]) == ("SO-1", 4)
    assert [row["sku"] for row in purchasing.ask("item", today=1, **until)] == ["A"]
    rows = history(purchasing.models, "A", **until)["rows"]
    assert [(row["source"], row["delta"]) for row in rows if row["source"]][-1] == ("default", 3)


def test_what_happened_later_does_not_count_though_it_was_known(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 4, 2, **noon(1))
    purchasing.buy("PO-1", 4, 6, **noon(1))
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1", **noon(3))
    purchasing.send("ship-order", order="SO-1", shipment="S-1", **noon(4))
    assert purchasing.ask("customer") == purchasing.ask("vendor") == []
    found = {}
    for number in (0, 1, 3, 4):
        until = by(number)
        found[number] = (
            [(row["remaining"], row["allocated"])
             for row in purchasing.ask("customer", today=number, **until)],
            [row["remaining"] for row in purchasing.ask("vendor", today=number, **until)],
        )
    assert found == {0: ([], []), 1: ([(4, 0)], [4]), 3: ([(4, 4)], []), 4: ([], [])}


def test_who_enters_old_receipts_today_describes_the_item_today(purchasing: Purchasing) -> None:
    purchasing.send("define-pool", pool="EU", sources=["default"])
    assert at(purchasing, -9)["on_hand"] == {}
    purchasing.send("receive-stock", sku="A", quantity=2, **noon(-9))
    assert on_hand(purchasing, -9) == 2
    assert stock(purchasing.models, "A", "EU", **by(-9))["supply"] == 2


def test_an_order_that_was_shipped_before_it_was_entered_was_shipped(
    purchasing: Purchasing,
) -> None:
    purchasing.send("receive-stock", sku="A", quantity=9, **noon(0))
    purchasing.order_of("SO-1", 4, 2, **noon(3))
    purchasing.send("ship-order", order="SO-1", shipment="S-1", **noon(2))
    until = by(3)
    assert purchasing.ask("customer", today=3, **until) == []
    assert [on_hand(purchasing, number) for number in (1, 2, 3)] == [9, 5, 5]


NUMBERS = ("on_hand", "demand", "allocated", "backordered")
COLUMNS = {
    "item": ("sku", "open_demand", "allocated", "backordered"),
    "customer": ("order", "line", "remaining", "allocated"),
    "vendor": ("purchase_order", "line"),
}


def shown(shop: Purchasing, view: View, **asked: Any) -> list[list[Any]]:
    """Ask for a view, and give what adds up in it, whatever order it happened in."""
    return [[row[name] for name in COLUMNS[view]] for row in shop.ask(view, **asked)]


@settings(max_examples=6)
@given(st.lists(st.tuples(steps, st.integers(-4, 0)), min_size=5, max_size=14))
def test_in_the_end_all_has_happened_and_on_hand_is_what_history_adds_up_to(
    drawn: list[tuple[tuple[int, dict[str, Any]], int]],
) -> None:
    with shop_of_its_own() as shop:
        for (passed, wished), back in drawn:
            shop.on_day(shop.today + passed)
            shop.try_to(
                wished["command"], **without_command(wished), **noon(shop.today + back)
            )
        for sku in SKUS:
            for pool in POOLS:
                live, ever = (
                    stock(shop.models, sku, pool, occurred_until=until) for until in (None, EVER)
                )
                assert {name: ever[name] for name in NUMBERS} == {
                    name: live[name] for name in NUMBERS
                }
        for view in VIEWS:
            assert shown(shop, view, occurred_until=EVER) == shown(shop, view)
        for number in range(-4, shop.today + 1):
            until = resolve_instant(day(number))
            for sku in SKUS:
                sums: dict[str, float] = {}
                rows = history(shop.models, sku, occurred_until=until)["rows"]
                for row in rows:
                    if row["source"]:
                        sums[row["source"]] = row["quantity_after"]
                if rows:
                    found = stock(shop.models, sku, "EU", occurred_until=until)
                    assert found["on_hand"] == sums
            for view in VIEWS:
                for row in shop.ask(view, today=number, **by(number)):
                    assert row.get("remaining", 1) > 0
