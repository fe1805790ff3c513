"""Rule 5.2: pegging says what receipts will do, also where pools share sources.

The property behind it all is tried on random histories: receive everything as expected, and each
line gets exactly its pegs on their days; live, rebuilt, and as of the moment before.
"""

from random import Random
from typing import Any

import pytest

from stocktrail.projections.answers.backorder_views.filters import Filters
from tests.projections.purchasing import Purchasing, day, number_of

LineKey = tuple[str, int]
Pegged = list[tuple[str, int, float, int | None]]

POOLS = {"P1": ["E"], "P2": ["E", "W"], "P3": ["W", "N"], "default": ["default"]}
SOURCES = ("E", "W", "N", "default")


def open_pools(shop: Purchasing) -> None:
    """Let pools share sources in a chain; one pool stands alone."""
    for source in ("E", "W", "N"):
        shop.send("register-source", source=source)
    for pool, sources in POOLS.items():
        shop.send("define-pool", pool=pool, sources=sources)


def the_pool_that_waits_and_the_pool_that_has(shop: Purchasing) -> None:
    """P2 has the only units at E; P1 waits for as many; as many are to come to W."""
    open_pools(shop)
    shop.send("receive-stock", sku="A", quantity=5, source="E")
    shop.order_of("O2", 5, 0, pool="P2")
    shop.order_of("O1", 5, 0, pool="P1")
    shop.buy("PO-1", 5, 9, source="W")


def test_a_receipt_that_frees_units_for_another_pool_is_pegged_to_who_gets_them(
    purchasing: Purchasing,
) -> None:
    the_pool_that_waits_and_the_pool_that_has(purchasing)
    assert purchasing.pegs()["O1"] == [(5, "PO-1", 9)]
    assert purchasing.promised()["O1"] == 9
    [row] = purchasing.ask("vendor")
    assert [waiting["order"] for waiting in row["waiting"]] == ["O1"]
    purchasing.on_day(9)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    assert purchasing.order("O1")["lines"][0]["allocated"] == 5


def test_what_lies_elsewhere_then_moves_who_a_receipt_is_for(purchasing: Purchasing) -> None:
    the_pool_that_waits_and_the_pool_that_has(purchasing)
    purchasing.send("ship-order", order="O2", shipment="S-1")
    assert purchasing.pegs()["O1"] == []
    assert purchasing.slips() == [("O1", 9, None, None)]
    [notice] = [row for row in purchasing.notices() if row["kind"] == "slip"]
    assert "Shipment S-1 of order O2" in notice["cause"]["sentence"]


def test_a_transfer_moves_who_a_receipt_is_for(purchasing: Purchasing) -> None:
    the_pool_that_waits_and_the_pool_that_has(purchasing)
    purchasing.send("disable-source", source="W")
    purchasing.send("receive-stock", sku="A", quantity=5, source="W")
    purchasing.send("enable-source", source="W")
    assert purchasing.order("O1")["lines"][0]["allocated"] == 5
    purchasing.order_of("O3", 5, 0, pool="P1")
    assert purchasing.pegs()["O3"] == []        # P2 has nothing at E any more that could be freed
    purchasing.send("transfer-stock", sku="A", quantity=5, from_source="W", to_source="E")
    assert purchasing.pegs()["O3"] == [(5, "PO-1", 9)]


def blocks(shop: Purchasing) -> list[str | None]:
    """Say of each open purchase line why it is blocked."""
    return [row["blocked"] for row in shop.ask("vendor")]


SWITCHES = [
    pytest.param(
        ("disable-source", {"source": "default"}), ("enable-source", {"source": "default"}),
        "source_disabled", "Source default disabled.", id="source disabled",
    ),
    pytest.param(
        ("set-stock-status", {"sku": "A", "source": "default", "status": "out_of_stock"}),
        ("set-stock-status", {"sku": "A", "source": "default", "status": "in_stock"}),
        "item_out_of_stock", "Status at source default set to out_of_stock.",
        id="item out of stock",
    ),
    pytest.param(
        ("define-pool", {"pool": "default", "sources": ["other"]}),
        ("define-pool", {"pool": "default", "sources": ["other", "default"]}),
        "serves_no_pool", "Pool default", id="source of no pool",
    ),
]


@pytest.mark.parametrize(("off", "on", "reason", "cause"), SWITCHES)
def test_goods_that_cannot_be_sold_when_they_come_are_blocked_and_promised_to_nobody(
    purchasing: Purchasing, off: tuple[str, dict[str, Any]], on: tuple[str, dict[str, Any]],
    reason: str, cause: str,
) -> None:
    purchasing.send("register-source", source="other")
    purchasing.order_of("O1", 5, 0)
    purchasing.buy("PO-1", 5, 9)
    assert purchasing.promised() == {"O1": 9}
    assert blocks(purchasing) == [None]
    purchasing.send(off[0], **off[1])
    assert purchasing.promised() == {"O1": None}
    assert purchasing.slips() == [("O1", 9, None, None)]
    [notice] = [row for row in purchasing.notices() if row["kind"] == "slip"]
    assert notice["cause"]["sentence"].startswith(cause)
    assert blocks(purchasing) == [reason]
    [line] = purchasing.purchase_order("PO-1")["lines"]
    assert (line["blocked"], line["waiting"]) == (reason, [])
    told = " ".join(purchasing.explain("O1")["sentences"])
    assert "5 on line 1 of purchase order PO-1 are promised to nobody: " in told
    purchasing.send(on[0], **on[1])
    assert purchasing.promised() == {"O1": 9}
    assert blocks(purchasing) == [None]


@pytest.mark.parametrize(("off", "on", "reason", "cause"), SWITCHES)
def test_goods_that_were_blocked_tell_no_other_cause_when_they_come(
    purchasing: Purchasing, off: tuple[str, dict[str, Any]], on: tuple[str, dict[str, Any]],
    reason: str, cause: str,
) -> None:
    purchasing.send("register-source", source="other")
    purchasing.order_of("O1", 5, 0)
    purchasing.buy("PO-1", 5, 9)
    purchasing.send(off[0], **off[1])
    purchasing.on_day(9)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    assert purchasing.slips() == [("O1", 9, None, None)]
    [notice] = [row for row in purchasing.notices() if row["kind"] == "slip"]
    assert notice["cause"]["sentence"].startswith(cause)
    purchasing.send(on[0], **on[1])
    assert purchasing.order("O1")["lines"][0]["allocated"] == 5


def test_blocked_supply_is_not_counted_on(purchasing: Purchasing) -> None:
    purchasing.send("register-source", source="other")
    purchasing.send("define-pool", pool="default", sources=["default", "other"])
    purchasing.order_of("O1", 5, 0)
    purchasing.buy("PO-1", 3, 4)
    purchasing.buy("PO-2", 4, 9, source="other")
    purchasing.send("disable-source", source="default")
    purchasing.send("count-stock", sku="A", counted=0, source="other")
    [row] = purchasing.ask("item")
    assert (row["open_supply"], row["blocked_supply"]) == (7, 3)
    assert (row["next_receipt_date"], row["next_receipt_quantity"]) == (day(9), 4)
    assert row["uncovered"] == 1
    assert row["suggested_order_quantity"] == 2      # the one that is uncovered, and notify below 1


# ------------------------------------------------------------------ whatever happens


def something(draw: Random) -> tuple[str, dict[str, Any]]:
    """Draw a command that may be accepted or refused."""
    source, other = draw.choice(SOURCES), draw.choice(SOURCES)
    order, pool = f"O-{draw.randint(1, 9)}", draw.choice(list(POOLS))
    few = draw.randint(1, 6)
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("receive-stock", {"sku": "A", "quantity": few, "source": source}),
        ("count-stock", {"sku": "A", "counted": few, "source": source}),
        ("transfer-stock", {
            "sku": "A", "quantity": few, "from_source": source, "to_source": other,
        }),
        *[("place-order", {
            "order": order, "customer": "C", "pool": pool, "priority": draw.randint(1, 3),
            "lines": [{"sku": "A", "quantity": few, "requested_date": day(draw.randint(0, 5))}],
        })] * 8,
        ("ship-order", {"order": order, "shipment": f"S-{draw.random()}"}),
        ("disable-source", {"source": source}),
        ("enable-source", {"source": other}),
        ("set-stock-status", {"sku": "A", "source": source, "status": "out_of_stock"}),
        ("set-stock-status", {"sku": "A", "source": other, "status": "in_stock"}),
        ("define-pool", {"pool": pool, "sources": list(dict.fromkeys([source, other]))}),
        *[("place-purchase-order", {
            "purchase_order": f"PO-{draw.randint(1, 9)}", "vendor": "V", "source": source,
            "lines": [
                {"sku": "A", "quantity": few + number, "expected_date": day(draw.randint(-2, 9))}
                for number in range(draw.randint(1, 2))
            ],
        })] * 4,
        ("delay-purchase-order", {
            "purchase_order": f"PO-{draw.randint(1, 9)}", "expected_date": day(few), "reason": "x",
        }),
        ("receive-goods", {
            "purchase_order": f"PO-{draw.randint(1, 9)}", "receipt": f"R-{draw.random()}",
            "lines": [{"line": 1, "quantity": 1}],
        }),
    ]
    return draw.choice(wishes)


def pegged(shop: Purchasing, **asked: Any) -> dict[LineKey, Pegged]:
    """Return what each line is pegged to: purchase line, quantity and day."""
    return {
        (row["order"], row["line"]): [
            (
                peg["purchase_order"], peg["purchase_line"], peg["quantity"],
                number_of(peg["ready_date"]),
            )
            for peg in row["pegged_to"]
        ]
        for row in shop.ask("customer", Filters(item="A"), **asked)
    }


def allocated(shop: Purchasing) -> dict[LineKey, float]:
    """Return what each open line has."""
    return {(row["order"], row["line"]): row["allocated"] for row in shop.ask("customer")}


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_receive_everything_as_expected_and_each_line_gets_exactly_its_pegs(
    purchasing: Purchasing, seed: int
) -> None:
    draw = Random(seed)
    open_pools(purchasing)
    for _ in range(40):
        command, fields = something(draw)
        purchasing.try_to(command, **fields)
        assert purchasing.pegged_from_scratch(["A"])
    position = purchasing.models.catch_up()
    pegs = pegged(purchasing)
    purchasing.models.rebuild()
    assert pegged(purchasing) == pegs
    placed = {
        row["purchase_order"]: purchasing.purchase_order(row["purchase_order"])["position"]
        for row in purchasing.ask("vendor")
    }
    for row in sorted(
        purchasing.ask("vendor"),
        key=lambda row: (row["counted_on"], placed[row["purchase_order"]], row["line"]),
    ):
        purchasing.on_day(number_of(row["counted_on"]) or 0)
        before = allocated(purchasing)
        purchasing.send(
            "receive-goods", purchase_order=row["purchase_order"],
            receipt=f"{row['purchase_order']}/{row['line']}", lines=[{"line": row["line"]}],
        )
        gained = {
            key: units - before[key] for key, units in allocated(purchasing).items()
            if units != before[key]
        }
        assert gained == {
            key: quantity for key, own in pegs.items() for name, number, quantity, ready in own
            if (name, number, ready) == (
                row["purchase_order"], row["line"], number_of(row["counted_on"])
            )
        }
    assert pegged(purchasing, as_of=position, today=0) == pegs
    assert any(pegs.values())
