"""An order with its lines, and what they are promised."""

from collections.abc import Sequence

from stocktrail.interfaces.cli.promised_days import promised, say_what_is_uncertain
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import count, moment


def show(screen: Screen, report: Report) -> None:
    """Show an order with its lines."""
    screen.say(
        f"Order {report['order']} of {report['customer']}: {report['status']}.",
        f"Placed {moment(report['placed_at'])} in pool {report['pool']}, priority "
        f"{report['priority']}, ships {_ship_policy(report)}.{_money(report)}",
        "",
    )
    screen.table(
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
    )
    _show_promises(screen, report["lines"])
    screen.say(
        "", f"As of position {report['as_of']}. Why: stocktrail explain order {report['order']}"
    )


def _show_promises(screen: Screen, lines: Sequence[Report]) -> None:
    parts = [(line, part) for line in lines for part in line["promises"]]
    if not parts:
        return
    screen.heading("Promised")
    screen.table(
        ("#line", "item", "#quantity", "ready", "promised", "~from", "~slipped"),
        [
            (
                line["line"], line["sku"], part["quantity"], part["ready_date"],
                promised(part["promise_date"], part["uncertain"]), _origin(line, part),
                _slipped_and_told(line),
            )
            for line, part in parts
        ],
    )
    say_what_is_uncertain(screen, lines)


def _origin(line: Report, part: Report) -> str:
    if part["purchase_order"] is not None:
        return f"purchase order {part['purchase_order']} line {part['purchase_line']}"
    if part["ready_date"] is None:
        return "uncovered: order more"
    return "allocated" if part["quantity"] <= line["allocated"] else "stock not managed"


def _slipped(line: Report) -> str:
    if not line["slips"]:
        return ""
    days = f", {count(line['days_slipped'], 'day')}" if line["days_slipped"] else ""
    if line["lost"]:
        days = ", date lost"
    return f"{count(line['slips'], 'time')}{days}"


def _slipped_and_told(line: Report) -> str:
    """Return how a promise slipped, and how the customer was told of what it is now."""
    how = ""
    if line["told"] and not line["to_tell"]:
        last = line["told"][-1]
        how = f"told by {last['how']} {moment(last['recorded_at'])}"
    return ", ".join(filter(None, [_slipped(line), how]))


def _ship_policy(report: Report) -> str:
    return "only whole" if report["ship_policy"] == "complete" else "part by part"


def _money(report: Report) -> str:
    if report["captured_amount"] is None:
        return ""
    currency = f" {report['currency']}" if report["currency"] else ""
    refunded = report["refunded_amount"]
    back = f", {refunded}{currency} refunded" if refunded else ""
    return f" {report['captured_amount']}{currency} captured{back}."
