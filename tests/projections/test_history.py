"""Stock history: every change by source and pool, in both orders, and its sums."""

from collections import Counter

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions.history import history
from tests.projections.shop import Shop


def sums(shop: Shop, sku: str) -> dict[str, float]:
    """Add up the deltas of an item by source and by pool."""
    total: Counter[str] = Counter()
    for row in shop.history(sku):
        total[row["source"] or f"pool {row['pool']}"] += row["delta"]
    return dict(total)


def a_busy_week(shop: Shop) -> None:
    """Let an item be received, sold beyond its stock, shipped, cancelled, moved and returned."""
    shop.allow_backorders()
    shop.send("register-source", source="berlin")
    shop.send("define-pool", pool="EU", sources=["berlin", "default"])
    shop.carry("A", 10)
    shop.send("receive-stock", sku="A", quantity=4, source="berlin", reason="first delivery")
    shop.sell("SO-1", "A", 6, pool="EU")
    shop.sell("SO-2", "A", 9)
    shop.send("ship-order", order="SO-1", shipment="S-1")
    shop.send("cancel-order", order="SO-2", lines=[{"line": 1, "quantity": 2}])
    shop.send("transfer-stock", sku="A", quantity=1, from_source="default", to_source="berlin")
    shop.send("refund-order", order="SO-1", refund="R-1", lines=[
        {"line": 1, "quantity": 1, "outcome": "return", "source": "berlin"},
    ])
    shop.send("disable-source", source="default")
    shop.send("count-stock", sku="A", counted=5, source="berlin")


def test_deltas_add_up_to_on_hand_and_to_supply_minus_demand(shop: Shop) -> None:
    a_busy_week(shop)
    eu, default = shop.stock("A", "EU"), shop.stock("A")
    assert sums(shop, "A") == {
        **eu["on_hand"],
        "pool EU": eu["supply"] - eu["demand"],
        "pool default": default["supply"] - default["demand"],
    }


def test_quantity_after_is_what_the_stock_report_said_then(shop: Shop) -> None:
    a_busy_week(shop)
    last_of_command = {row["position"]: row for row in shop.history("A") if row["source"]}
    for position, row in last_of_command.items():
        assert shop.stock("A", as_of=position)["on_hand"][row["source"]] == row["quantity_after"]


def test_each_row_says_what_did_it_and_who(shop: Shop) -> None:
    shop.carry("A", 10)
    shop.send("adjust-stock", sku="A", delta=-2, reason="broken", actor="mary")
    *_, source, pool = shop.history("A")
    assert (source["source"], source["delta"], source["quantity_after"]) == ("default", -2, 8)
    assert (pool["pool"], pool["delta"], pool["quantity_after"]) == ("default", -2, 8)
    assert (source["cause"], source["actor"], source["type"]) == ("broken", "mary", "StockAdjusted")
    shop.sell("SO-1", "A", 3)
    assert shop.history("A")[-1]["cause"] == "order SO-1 line 1"


def test_an_allocation_moves_neither_a_source_nor_the_pool(shop: Shop) -> None:
    shop.allow_backorders()
    shop.carry("A", 1)
    shop.sell("SO-1", "A", 5)
    before = len(shop.history("A"))
    shop.send("receive-stock", sku="A", quantity=4)
    assert [row["type"] for row in shop.history("A")[before:]] == ["StockReceived"] * 2


def test_a_disabled_source_shows_in_the_history_of_every_item_it_carries(shop: Shop) -> None:
    for sku in ("A", "B"):
        shop.carry(sku, 10)
    shop.send("disable-source", source="default")
    for sku in ("A", "B"):
        row = shop.history(sku)[-1]
        assert row["cause"] == "source default disabled"
        assert (row["pool"], row["delta"], row["quantity_after"]) == ("default", -10, 0)


def test_history_as_of_a_position_is_what_was_known_then(shop: Shop) -> None:
    position = shop.carry("A", 10)
    known = shop.history("A")
    shop.sell("SO-1", "A", 3)
    assert shop.history("A", as_of=position) == known


def test_history_in_the_order_in_which_things_happened(shop: Shop) -> None:
    shop.carry("A", 10, occurred_at="2026-03-05T09:00:00Z")
    shop.send("adjust-stock", sku="A", delta=3, reason="found", occurred_at="2026-03-01T09:00:00Z")
    happened = [row for row in shop.history("A", occurred=True) if row["source"]]
    assert [(row["delta"], row["quantity_after"]) for row in happened] == [(3, 3), (10, 13)]


def test_the_movements_of_a_pool_are_its_own_and_those_of_its_sources(shop: Shop) -> None:
    a_busy_week(shop)
    position = shop.ledger.head().position
    shop.send("define-pool", pool="EU", sources=["berlin"])

    def of(pool: str, as_of: int | None = None) -> set[str]:
        found = history(shop.models, "A", as_of, pool=pool, limit=100)
        assert found["total"] == len(found["rows"])
        return {row["source"] or f"pool {row['pool']}" for row in found["rows"]}

    assert of("EU") == {"berlin", "pool EU"}
    assert of("default") == {"default", "pool default"}
    assert of("EU", position) == {"berlin", "default", "pool EU"}
    by_pages, after = [], None
    while True:
        page = history(shop.models, "A", pool="EU", limit=2, after=after, newest_first=True)
        by_pages += page["rows"]
        after = page["next"]
        if after is None:
            break
    assert len(by_pages) == page["total"]
    in_order = history(shop.models, "A", occurred=True, pool="EU", limit=100)
    assert len(in_order["rows"]) == in_order["total"] == page["total"]


def test_a_pool_that_nobody_knows_has_no_movements(shop: Shop) -> None:
    shop.carry("A", 10)
    with pytest.raises(Refusal, match="MOON"):
        history(shop.models, "A", pool="MOON")
