"""Who waits until when: the three backorder views, a vendor who is late, and what to do about it.

All of it happens on the days on which the orders were real: today is the latest day on which
anything occurred so far.
"""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.script import opened_script
from stocktrail.interfaces.cli.tables import backorders
from stocktrail.interfaces.cli.tables.notices import show_promises
from stocktrail.interfaces.cli.wording import count
from stocktrail.interfaces.service.example_scripts import EXAMPLES

if TYPE_CHECKING:
    from stocktrail.commands.scripts.results import Result
    from stocktrail.interfaces.cli.screen import Screen
    from stocktrail.projections import ReadModels

_SCRIPT = EXAMPLES / "northwind-purchases.jsonl"
_SHOWN = 5
_SKU = "NW-02"

_DELAY = {
    "id": "demo-delay", "purchase_order": "NW-PO-01", "expected_date": "1998-06-08",
    "reason": "harbour strike", "occurred_at": "1998-05-07T09:00:00Z",
}
_REORDER = {
    "id": "demo-reorder", "purchase_order": "NW-PO-18", "vendor": "Bigfoot Breweries",
    "occurred_at": "1998-05-07T10:00:00Z",
}
_REORDER_EXPECTED = "1998-05-20"


def walk(models: "ReadModels", screen: "Screen | None") -> Counter[str]:
    """Put Northwind's purchase orders on order, let a vendor be late, and order more."""
    from stocktrail.commands.scripts.submission import submit

    tally: Counter[str] = Counter()
    with opened_script(str(_SCRIPT)) as script:
        for result in submit(models.ledger, script.rows(None, None)):
            tally[result.status] += 1
    models.catch_up()
    if screen is not None:
        _show_views(models, screen, tally["accepted"])
    for happens, show in ((_delay, _show_the_delay), (_reorder, _show_the_reorder)):
        tally[happens(models).status] += 1
        models.catch_up()
        if screen is not None:
            show(models, screen)
    return tally


def today_of_the_log(models: "ReadModels") -> date:
    """Return the day on which the last thing occurred."""
    from stocktrail.ledger.instant import day_of

    head = models.ledger.head().position
    return day_of(models.ledger.read(head - 1, 1)[0].occurred_at)


def _delay(models: "ReadModels") -> "Result":
    from stocktrail.commands.purchasing import DelayPurchaseOrder
    from stocktrail.commands.scripts.submission import submit_one

    return submit_one(models.ledger, DelayPurchaseOrder.model_validate(_DELAY))


def _reorder(models: "ReadModels") -> "Result":
    """Order what the view by item suggests."""
    from stocktrail.commands.purchasing import PlacePurchaseOrder
    from stocktrail.commands.scripts.submission import submit_one

    line = {
        "sku": _SKU, "quantity": _item(models)["suggested_order_quantity"],
        "expected_date": _REORDER_EXPECTED,
    }
    return submit_one(
        models.ledger, PlacePurchaseOrder.model_validate({**_REORDER, "lines": [line]})
    )


# ------------------------------------------------------------------ what is shown


def _show_views(models: "ReadModels", screen: "Screen", purchase_orders: int) -> None:
    today = today_of_the_log(models)
    screen.heading("3. Who waits until when, and which vendor is late")
    screen.say(
        f"Northwind had {count(purchase_orders, 'purchase order')} with its vendors. What they "
        f"will deliver goes to those who wait, first in the queue first. It is {today}.",
    )
    screen.heading("By item: what is short, what is to come, what to order?")
    backorders.show_item_rows(screen, _top(models, "item", "-backordered", today))
    screen.heading("By customer: who waits for what, until when?")
    backorders.show_customer_rows(screen, _top(models, "customer", "-backordered", today))
    screen.heading("By vendor: what is owed, and who waits for it?")
    backorders.show_vendor_rows(screen, _top(models, "vendor", "-pegged", today))


def _show_the_delay(models: "ReadModels", screen: "Screen") -> None:
    from stocktrail.projections.questions.notices import notices

    slips = [
        row for row in notices(models)["rows"]
        if row["kind"] == "slip" and row["command_id"] == _DELAY["id"]
    ]
    screen.heading(
        f"A day later Exotic Liquids delays the Chang. Whom does it hit? "
        f"{count(len(slips), 'customer')}, and nobody else:"
    )
    show_promises(screen, slips)
    screen.heading("What is to be ordered? (backorders --by item --sort -suggested_order_quantity)")
    wanted = _top(models, "item", "-suggested_order_quantity", today_of_the_log(models))
    backorders.show_item_rows(screen, wanted)


def _show_the_reorder(models: "ReadModels", screen: "Screen") -> None:
    from stocktrail.projections.answers.backorder_views.filters import Filters

    today = today_of_the_log(models)
    item = _item(models)
    screen.heading(
        f"So {item['next_receipt_quantity']} of the Chang are ordered elsewhere, for "
        f"{_REORDER_EXPECTED}. Who is promised what now?"
    )
    lines = _top(models, "customer", "requested_date", today, Filters(item=_SKU))
    backorders.show_customer_rows(screen, lines)
    backorders.show_what_to_chase(screen, [item])


def _item(models: "ReadModels") -> dict[str, Any]:
    from stocktrail.projections.answers.backorder_views.filters import Filters

    [row] = _top(models, "item", "sku", today_of_the_log(models), Filters(item=_SKU))
    return row


def _top(
    models: "ReadModels", by: Any, sort: str, today: date, filters: Any = None
) -> list[dict[str, Any]]:
    from stocktrail.projections.answers.backorder_views.filters import Filters
    from stocktrail.projections.questions.backorders import backorders

    report = backorders(
        models, by, filters or Filters(), sort=sort, limit=_SHOWN, today=today
    )
    rows: list[dict[str, Any]] = report["rows"]
    return rows
