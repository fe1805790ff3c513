"""Rules 5.2, 5.5: open receipts are pegged to waiting lines, and what moves is recorded once."""

import pytest

from stocktrail.projections.verify import verify
from tests.projections.purchasing import Purchasing, day


def the_worked_example(shop: Purchasing) -> None:
    """Four orders wait behind each other, for three purchase orders of which one is overdue."""
    shop.send("receive-stock", sku="A", quantity=4)
    shop.order_of("L1", 10, 5, priority=1, ship_policy="complete")
    shop.order_of("L2", 6, 2, priority=2, ship_policy="complete")
    shop.order_of("L3", 8, 3, priority=3)
    shop.order_of("L4", 5, 1, priority=4)
    shop.buy("PO-1", 12, -3)
    shop.buy("PO-2", 10, 7)
    shop.buy("PO-3", 20, 13)


def test_receipts_are_pegged_in_date_order_to_lines_in_queue_order(
    purchasing: Purchasing,
) -> None:
    the_worked_example(purchasing)
    assert purchasing.pegs() == {
        "L1": [(6, "PO-1", 1)],
        "L2": [(6, "PO-1", 1)],
        "L3": [(8, "PO-2", 7)],
        "L4": [(2, "PO-2", 7), (3, "PO-3", 13)],
    }
    assert purchasing.promised() == {"L1": 5, "L2": 2, "L3": 7, "L4": 13}
    assert [row["free"] for row in purchasing.ask("vendor")] == [0, 0, 17]
    assert purchasing.slips() == []


def test_a_delay_moves_the_lines_that_it_touches_and_nobody_else(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.delay("PO-2", 12)
    assert purchasing.pegs() == {
        "L1": [(6, "PO-1", 1)],
        "L2": [(6, "PO-1", 1)],
        "L3": [(8, "PO-2", 12)],
        "L4": [(2, "PO-2", 12), (3, "PO-3", 13)],
    }
    assert purchasing.promised() == {"L1": 5, "L2": 2, "L3": 12, "L4": 13}
    assert purchasing.slips() == [("L3", 7, 12, 5), ("L4", 7, 12, 5)]
    slip = purchasing.notices()[-1]
    assert (slip["customer"], slip["line"], slip["quantity"]) == ("L4", 1, 2)
    assert slip["cause"]["sentence"] == (
        f"Purchase order PO-2 line 1 was delayed from {day(7)} to {day(12)} (strike)."
    )


def test_a_slip_is_noticed_once_and_never_again(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.delay("PO-2", 12)
    noticed = purchasing.notices()
    purchasing.delay("PO-2", 12)
    purchasing.order_of("L5", 1, 1)
    purchasing.models.rebuild()
    assert [notice for notice in purchasing.notices() if notice["kind"] == "slip"] == [
        notice for notice in noticed if notice["kind"] == "slip"
    ]
    assert verify(purchasing.models).findings == []


def test_a_receipt_brought_forward_moves_promises_and_slips_nobody(
    purchasing: Purchasing,
) -> None:
    the_worked_example(purchasing)
    purchasing.delay("PO-3", 9)
    assert purchasing.promised()["L4"] == 9
    assert purchasing.slips() == []
    [*_, change] = purchasing.explain("L4")["changes"]
    assert (change["old_date"], change["new_date"], change["days"]) == (day(13), day(9), -4)
    assert change["cause"]["purchase_order"] == "PO-3"


def test_a_receipt_that_shrinks_moves_the_lines_behind_it(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.send("confirm-purchase-order", purchase_order="PO-2", lines=[
        {"line": 1, "quantity": 9},
    ])
    assert purchasing.pegs()["L4"] == [(1, "PO-2", 7), (4, "PO-3", 13)]
    assert purchasing.slips() == [("L4", 7, 13, 6)]


def test_a_cancelled_receipt_leaves_lines_without_a_date(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.send("cancel-purchase-order", purchase_order="PO-3", reason="closed down")
    assert purchasing.promised()["L4"] is None
    assert purchasing.slips() == [("L4", 13, None, None)]
    [line] = purchasing.order("L4")["lines"]
    assert (line["uncovered"], line["promise_date"], line["slips"]) == (3, None, 1)
    [*_, change] = purchasing.explain("L4")["changes"]
    assert change["cause"]["sentence"] == "Purchase order PO-3 line 1 was cancelled (closed down)."


def test_an_order_that_goes_first_is_named_as_the_cause(purchasing: Purchasing) -> None:
    purchasing.order_of("L1", 5, 1)
    purchasing.buy("PO-1", 5, 3)
    purchasing.buy("PO-2", 5, 8)
    purchasing.order_of("VIP", 5, 1, priority=1)
    assert purchasing.promised() == {"L1": 8, "VIP": 3}
    [slip] = [notice for notice in purchasing.notices() if notice["kind"] == "slip"]
    assert slip["cause"]["order"] == "VIP"
    purchasing.send("prioritise-order", order="L1", priority=1, reason="they called")
    purchasing.send("reschedule-order", order="L1", reason="sooner", lines=[
        {"line": 1, "requested_date": day(0)},
    ])
    assert purchasing.promised() == {"L1": 3, "VIP": 8}
    assert purchasing.slips() == [("L1", 3, 8, 5), ("VIP", 3, 8, 5)]


def test_goods_that_arrive_serve_the_queue_and_unpeg_it(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1", lines=[
        {"line": 1, "quantity": 7},
    ])
    assert purchasing.pegs()["L1"] == []
    assert purchasing.pegs()["L2"] == [(5, "PO-1", 1)]
    [line] = purchasing.order("L1")["lines"]
    assert line["allocated"] == 10
    assert purchasing.slips() == []
    again = purchasing.try_to("receive-goods", purchase_order="PO-1", receipt="R-1", lines=[
        {"line": 1, "quantity": 7},
    ])
    assert again[0] == "duplicate"
    assert purchasing.pegs()["L2"] == [(5, "PO-1", 1)]


def test_lost_units_are_a_slip_whose_cause_is_the_count(purchasing: Purchasing) -> None:
    purchasing.send("receive-stock", sku="A", quantity=5)
    purchasing.order_of("L1", 5, 0)
    purchasing.send("count-stock", sku="A", counted=2, reason="flood")
    assert purchasing.slips() == [("L1", 0, None, None)]
    [slip] = [notice for notice in purchasing.notices() if notice["kind"] == "slip"]
    assert (slip["cause"]["kind"], slip["cause"]["sentence"]) == (
        "stock", "2 were counted at default, a change of -3 (flood).",
    )


def test_a_day_that_merely_passes_is_no_slip(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.on_day(4)
    purchasing.order_of("L5", 1, 20)
    assert purchasing.promised() == {"L1": 5, "L2": 5, "L3": 7, "L4": 13, "L5": 20}
    assert purchasing.slips() == []
    purchasing.on_day(9)
    purchasing.delay("PO-3", 14)
    assert purchasing.slips() == [("L4", 13, 14, 1)]


def test_a_question_about_a_later_day_pegs_overdue_receipts_anew(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    assert purchasing.promised(today=4) == {"L1": 5, "L2": 5, "L3": 7, "L4": 13}
    assert purchasing.promised(today=8) == {"L1": 9, "L2": 9, "L3": 9, "L4": 13}
    assert purchasing.promised(today=-5) == {"L1": 5, "L2": 2, "L3": 7, "L4": 13}
    late = {row["purchase_order"]: row["days_late"] for row in purchasing.ask("vendor", today=8)}
    assert late == {"PO-1": 11, "PO-2": 1, "PO-3": 0}


def test_promise_rules_say_when_an_overdue_receipt_is_counted_on(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.send("set-promise-rules", overdue_offset_days=4)
    assert purchasing.pegs()["L2"] == [(6, "PO-1", 4)]
    assert purchasing.slips() == [("L2", 2, 4, 2)]
    purchasing.models.rebuild()
    assert purchasing.pegs()["L2"] == [(6, "PO-1", 4)]
    assert verify(purchasing.models).findings == []


@pytest.mark.parametrize("policy", ["complete", "partial"])
def test_lines_of_an_order_that_ships_complete_promise_its_latest_date(
    purchasing: Purchasing, policy: str
) -> None:
    for sku in ("B", "C"):
        purchasing.carry_none(sku)
    purchasing.send("place-order", order="SO-1", customer="C-1", ship_policy=policy, lines=[
        {"sku": "B", "quantity": 2, "requested_date": day(1)},
        {"sku": "C", "quantity": 3, "requested_date": day(1)},
    ])
    purchasing.buy("PO-B", 2, 3, sku="B")
    purchasing.buy("PO-C", 3, 6, sku="C")
    dates = [line["promise_date"] for line in purchasing.ask("customer")]
    assert dates == ([day(6)] * 2 if policy == "complete" else [day(3), day(6)])
    purchasing.delay("PO-C", 8)
    changes = [purchasing.explain("SO-1", line)["changes"][-1] for line in (1, 2)]
    if policy == "complete":
        assert purchasing.slips() == [("SO-1", 6, 8, 2)] * 2
        assert [change["cause"]["purchase_order"] for change in changes] == ["PO-C"] * 2
    else:
        assert purchasing.slips() == [("SO-1", 6, 8, 2)]
    assert verify(purchasing.models).findings == []


def test_an_overdue_receipt_holds_back_the_whole_order_as_the_days_pass(
    purchasing: Purchasing,
) -> None:
    purchasing.carry_none("B")
    purchasing.send("place-order", order="SO-1", customer="C-1", ship_policy="complete", lines=[
        {"sku": "A", "quantity": 2, "requested_date": day(1)},
        {"sku": "B", "quantity": 3, "requested_date": day(1)},
    ])
    purchasing.buy("PO-A", 2, -2)
    purchasing.buy("PO-B", 3, 6, sku="B")
    assert [row["promise_date"] for row in purchasing.ask("customer")] == [day(6)] * 2
    assert [row["promise_date"] for row in purchasing.ask("customer", today=9)] == [day(10)] * 2
    purchasing.on_day(9)
    purchasing.delay("PO-B", 9)
    assert purchasing.slips() == []
    assert [row["promise_date"] for row in purchasing.ask("customer")] == [day(10)] * 2
