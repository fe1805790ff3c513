"""How orders and explanations look to people."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console

from interfaces.cli.tables import heading, say, table
from interfaces.cli.wording import moment

Report = Mapping[str, Any]


def show_order(screen: Console, report: Report) -> None:
    """Show an order with its lines."""
    say(
        screen,
        f"Order {report['order']} of {report['customer']}: {report['status']}.",
        f"Placed {moment(report['placed_at'])} in pool {report['pool']}, priority "
        f"{report['priority']}, ships {_ship_policy(report)}.{_money(report)}",
        "",
    )
    screen.print(table(
        (
            "#line", "item", "#ordered", "#shipped", "#cancelled", "#released", "#remaining",
            "#allocated", "#backordered", "requested",
        ),
        [
            [
                line[each] for each in (
                    "line", "sku", "ordered", "shipped", "cancelled", "released", "remaining",
                    "allocated", "backordered", "requested_date",
                )
            ]
            for line in report["lines"]
        ],
    ))
    say(screen, "", f"As of position {report['as_of']}. Why: stocktrail explain order "
        f"{report['order']}")


def _ship_policy(report: Report) -> str:
    return "only whole" if report["ship_policy"] == "complete" else "part by part"


def _money(report: Report) -> str:
    if report["captured_amount"] is None:
        return ""
    currency = f" {report['currency']}" if report["currency"] else ""
    refunded = report["refunded_amount"]
    back = f", {refunded}{currency} refunded" if refunded else ""
    return f" {report['captured_amount']}{currency} captured{back}."


def show_explanation(screen: Console, report: Report) -> None:
    """Show what led to a number, and then how it follows."""
    heading(screen, "What happened")
    if report.get("earlier_events"):
        say(screen, f"({report['earlier_events']:,} earlier events are not shown.)")
    screen.print(events_table(report["events"]))
    heading(screen, f"What follows, as of position {report['as_of']}")
    say(screen, *report["sentences"])


def events_table(events: Iterable[Report]) -> Any:
    """Lay out events with their sentences, one a line."""
    return table(
        ("#position", "occurred", "type", "what"),
        [
            (each["position"], moment(each["occurred_at"]), each["type"], each["sentence"])
            for each in events
        ],
    )

