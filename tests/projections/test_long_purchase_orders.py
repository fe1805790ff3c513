"""Purchase orders of many lines: folding them takes time by the line, not by pairs of lines."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from stocktrail.commands.orders.place import PlaceOrder
from stocktrail.commands.purchasing import DelayPurchaseOrder, PlacePurchaseOrder
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.commands.settings import SetBackorderPolicy
from stocktrail.commands.stock import ReceiveStock, RegisterProduct
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels


def steps(work: Callable[[], object]) -> int:
    """Count the lines of our projections that run."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if "projections" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


def folded(ledger: Ledger, models: ReadModels, sku: str, lines: int, policy: str) -> int:
    """Let as many lines wait for as many purchase lines, delay them all, and count the steps."""
    for command in (
        RegisterProduct(sku=sku), ReceiveStock(sku=sku, quantity=1),
        *(PlaceOrder.model_validate({
            "order": f"{sku}-{number}", "customer": "ADA", "ship_policy": policy,
            "lines": [{"sku": sku, "quantity": 1}] * 20,
        }) for number in range(lines // 20)),
        PlacePurchaseOrder.model_validate({
            "purchase_order": f"PO-{sku}", "vendor": "V",
            "lines": [{"sku": sku, "quantity": 1, "expected_date": "2031-01-01"}] * lines,
        }, strict=False),
        DelayPurchaseOrder.model_validate(
            {"purchase_order": f"PO-{sku}", "expected_date": "2031-06-01"}, strict=False
        ),
    ):
        result = submit_one(ledger, command)
        assert result.status == "accepted", result
    return steps(models.catch_up)


def test_twice_the_lines_of_a_purchase_order_take_twice_the_steps(ledger: Ledger) -> None:
    models = ReadModels(ledger)
    submit_one(ledger, SetBackorderPolicy(backorders="allow"))
    models.catch_up()
    for policy in ("partial", "complete"):
        folded(ledger, models, f"SOME-{policy}", 20, policy)
        fewer = folded(ledger, models, f"FEWER-{policy}", 200, policy)
        more = folded(ledger, models, f"MORE-{policy}", 400, policy)
        assert more < 2.6 * fewer, policy
