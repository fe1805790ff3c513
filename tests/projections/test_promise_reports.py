"""Flow, available to promise, purchase orders, explanations and previews of who waits for what."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.quantity import SCALE
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.reallocation_preview import reallocation_preview
from stocktrail.projections.questions.flow import flow
from stocktrail.projections.questions.promise import promise
from tests.projections.purchasing import DAY_0, Purchasing, day, number_of
from tests.projections.test_promises import the_worked_example


def the_atp_example(shop: Purchasing) -> None:
    """Forty on hand, five orders and three purchase orders: the example of rule 5.6."""
    shop.send("receive-stock", sku="A", quantity=40)
    for when, quantity in ((0, 12), (3, 20), (6, 35), (8, 5), (12, 10)):
        shop.order_of(f"SO-{when}", quantity, when)
    for when, quantity in ((4, 30), (9, 25), (14, 40)):
        shop.buy(f"PO-{when}", quantity, when)


def test_available_to_promise_looks_ahead(purchasing: Purchasing) -> None:
    the_atp_example(purchasing)
    steps = promise(purchasing.models, "A", 10 * SCALE, today=DAY_0)["steps"]
    signed = {number_of(step["date"]): step["signed"] for step in steps}
    assert signed == {0: -2, 3: -2, 4: -2, 6: -2, 8: -2, 9: 13, 12: 13, 14: 53}
    assert [step["available_to_promise"] for step in steps] == [0, 0, 0, 0, 0, 13, 13, 53]


@pytest.mark.parametrize(("quantity", "first"), [(0, None), (10, 9), (20, 14), (54, None)])
def test_the_first_day_on_which_a_quantity_can_be_promised(
    purchasing: Purchasing, quantity: int, first: int | None
) -> None:
    the_atp_example(purchasing)
    report = promise(purchasing.models, "A", quantity * SCALE, today=DAY_0)
    assert number_of(report["first_date"]) == first


def test_the_flow_of_an_item_runs_through_every_transaction(purchasing: Purchasing) -> None:
    the_atp_example(purchasing)
    report = flow(purchasing.models, "A", today=DAY_0)
    rows = [(number_of(row["date"]), row["quantity"], row["balance"]) for row in report["rows"]]
    assert report["supply"] == 40
    assert rows == [
        (0, -12, 28), (3, -20, 8), (4, 30, 38), (6, -35, 3), (8, -5, -2), (9, 25, 23),
        (12, -10, 13), (14, 40, 53),
    ]
    assert report["rows"][2]["vendor"] == "Acme"
    assert report["rows"][0]["customer"] == "SO-0"


def test_an_overdue_receipt_and_late_demand_flow_after_today(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 2, -4)
    purchasing.buy("PO-1", 5, -2)
    rows = flow(purchasing.models, "A", today=DAY_0)["rows"]
    assert [(number_of(row["date"]), row["balance"]) for row in rows] == [(0, -2), (1, 3)]
    assert (rows[1]["overdue"], rows[1]["expected_date"]) == (True, day(-2))


def test_pools_that_share_a_source_never_promise_the_same_unit_twice(
    purchasing: Purchasing,
) -> None:
    purchasing.send("define-pool", pool="EU", sources=["default"])
    purchasing.order_of("SO-1", 6, 1, pool="EU")
    purchasing.buy("PO-1", 10, 5)
    report = promise(purchasing.models, "A", 5 * SCALE, today=DAY_0)
    assert report["first_date"] is None
    assert report["steps"][-1]["available_to_promise"] == 4


def test_a_purchase_order_tells_what_came_of_it_and_who_waits(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.delay("PO-2", 12)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1", lines=[
        {"line": 1, "quantity": 15},
    ])
    report = purchasing.purchase_order("PO-2")
    [line] = report["lines"]
    assert (report["vendor"], report["status"], report["version"]) == ("Acme", "open", 2)
    assert (line["original_expected_date"], line["expected_date"]) == (day(7), day(12))
    assert (line["days_late"], line["slips"], line["overdue"]) == (5, 1, False)
    assert [(each["order"], each["quantity"]) for each in line["waiting"]] == [("L3", 5), ("L4", 5)]
    over = purchasing.purchase_order("PO-1")
    assert over["status"] == "received"
    assert (over["lines"][0]["received"], over["lines"][0]["over_received"]) == (15, 3)
    assert over["lines"][0]["waiting"] == []


def test_an_order_line_lists_its_parts(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    [line] = purchasing.order("L1", today=DAY_0)["lines"]
    assert [(each["quantity"], each["purchase_order"]) for each in line["promises"]] == [
        (4, None), (6, "PO-1"),
    ]
    assert [number_of(each["ready_date"]) for each in line["promises"]] == [0, 1]
    assert [number_of(each["promise_date"]) for each in line["promises"]] == [5, 5]
    assert (number_of(line["ready_date"]), number_of(line["promise_date"])) == (1, 5)


def test_a_promise_is_explained_by_its_parts_the_queue_and_every_change(
    purchasing: Purchasing,
) -> None:
    the_worked_example(purchasing)
    purchasing.delay("PO-2", 12)
    told = purchasing.explain("L4")
    assert told["before"] == {"lines": 3, "backordered": 20}
    assert [(number_of(each["old_date"]), number_of(each["new_date"]), each["slip"])
            for each in told["changes"]] == [(None, 7, False), (None, 13, False), (7, 12, True)]
    assert f"2 wait for line 1 of purchase order PO-2, expected on {day(12)}." in told["sentences"]
    overdue = purchasing.explain("L2")["sentences"]
    assert any("overdue since" in sentence for sentence in overdue)
    purchasing.send("cancel-order", order="L4")
    assert purchasing.explain("L4")["promises"] == []


def test_what_nobody_placed_is_refused(purchasing: Purchasing) -> None:
    purchasing.order_of("L1", 1, 1)
    refused_with: list[tuple[Callable[[], object], str]] = [
        (lambda: purchasing.explain("L9"), "unknown_order"),
        (lambda: purchasing.explain("L1", 9), "unknown_line"),
        (lambda: purchasing.purchase_order("PO-9"), "unknown_purchase_order"),
        (lambda: flow(purchasing.models, "Z"), "unknown_sku"),
        (lambda: promise(purchasing.models, "A", 1, "MOON"), "unknown_pool"),
    ]
    for asking, code in refused_with:
        with pytest.raises(Refusal) as refused:
            asking()
        assert refused.value.code == code


def tried(shop: Purchasing, command: str, **fields: Any) -> dict[str, Any]:
    """Preview what a command would do, decided in a dry run."""
    model = COMMANDS[command].model_validate({"occurred_at": f"{day(0)}T09:00:00Z", **fields})
    result = submit_one(shop.ledger, model, dry_run=True)
    assert result.status == "accepted"
    return reallocation_preview(shop.models, result.recorded)


def test_a_preview_says_who_gains_who_loses_and_which_promises_slip(
    purchasing: Purchasing,
) -> None:
    the_worked_example(purchasing)
    before = purchasing.page("customer")
    preview = tried(purchasing, "allocate-backorders", sku="A", strategy="redistribute", lines=[
        {"order": "L4", "line": 1, "strategy": "gain"}, {"order": "L1", "line": 1,
                                                         "strategy": "lose"},
    ])
    assert [(each["order"], each["before"], each["after"]) for each in preview["gains"]] == [
        ("L4", 0, 4),
    ]
    assert [(each["order"], each["before"], each["after"]) for each in preview["loses"]] == [
        ("L1", 4, 0),
    ]
    slips = {each["order"]: number_of(each["new_date"]) for each in preview["slips"]}
    assert slips == {"L2": 7, "L3": 13}
    assert [each["order"] for each in preview["moves"]] == ["L4"]
    assert all(each["cause"]["order"] == "L4" for each in preview["slips"])
    assert purchasing.page("customer") == before
    assert purchasing.slips() == []


def test_a_preview_is_what_then_happens(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    asked = {"sku": "A", "strategy": "redistribute",
             "lines": [{"order": "L3", "line": 1, "strategy": "gain"},
                       {"order": "L1", "line": 1, "strategy": "lose"}]}
    preview = tried(purchasing, "allocate-backorders", **asked)
    purchasing.send("allocate-backorders", **asked)
    noticed = [notice for notice in purchasing.notices() if notice["kind"] == "slip"]
    assert [(each["order"], each["old_date"], each["new_date"]) for each in preview["slips"]] == [
        (each["order"], each["old_date"], each["new_date"]) for each in noticed
    ]
    assert purchasing.promised()["L3"] == max(number_of(day(3)) or 0, 7)


def test_units_moved_by_hand_move_the_promises(purchasing: Purchasing) -> None:
    the_worked_example(purchasing)
    purchasing.send("move-allocation", sku="A", from_order="L1", to_order="L4", quantity=4,
                    reason="split the items on hand")
    assert purchasing.pegs()["L1"] == [(10, "PO-1", 1)]
    assert ("L2", 2, 7, 5) in purchasing.slips()
    [slip] = [notice for notice in purchasing.notices()
              if notice["kind"] == "slip" and notice["order"] == "L2"]
    assert slip["cause"]["order"] == "L4"
    assert "split the items on hand" in slip["cause"]["sentence"]


def test_today_is_the_clocks_or_the_day_of_an_earlier_position(purchasing: Purchasing) -> None:
    position = purchasing.order_of("L1", 1, 1)
    recorded = purchasing.ledger.read(position - 1, 1)[0].recorded_at // 86_400_000_000
    assert flow(purchasing.models, "A", as_of=position)["today"] == (
        date(1970, 1, 1) + timedelta(days=recorded)
    ).isoformat()


def test_undated_receipts_flow_last_and_nothing_is_promised_from_them(
    purchasing: Purchasing,
) -> None:
    purchasing.order_of("SO-1", 2, 1)
    purchasing.send("place-purchase-order", purchase_order="PO-1", vendor="Acme", lines=[
        {"sku": "A", "quantity": 9},
    ])
    purchasing.buy("PO-2", 3, 4)
    rows = flow(purchasing.models, "A", today=DAY_0)["rows"]
    assert [(number_of(row["date"]), row["quantity"], row["balance"]) for row in rows] == [
        (1, -2, -2), (4, 3, 1), (None, 9, 10),
    ]
    assert rows[-1] == {
        "date": None, "quantity": 9, "balance": 10, "kind": "purchase_line",
        "purchase_order": "PO-1", "purchase_line": 1, "vendor": "Acme", "expected_date": None,
        "overdue": False, "blocked": None,
    }
    assert promise(purchasing.models, "A", 2 * SCALE, today=DAY_0)["first_date"] is None
    [line] = purchasing.purchase_order("PO-1")["lines"]
    assert (line["expected_date"], line["original_expected_date"]) == (None, None)
    assert (line["undated"], line["overdue"], line["days_late"]) == (True, False, 0)
