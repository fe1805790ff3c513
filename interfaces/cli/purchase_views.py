"""How purchase orders, expected flows and first days look to people."""

from collections.abc import Mapping
from typing import Any

from stocktrail.interfaces.cli.backorder_views import blocked, who_waits_for
from stocktrail.interfaces.cli.promised_days import day, promised, say_what_is_uncertain
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.stock_views import signed
from stocktrail.interfaces.cli.wording import moment, written

Report = Mapping[str, Any]


def show_flow(screen: Screen, report: Report) -> None:
    """Show what is to come and to go, with the balance after each."""
    name = f" ({report['name']})" if report["name"] else ""
    screen.say(
        f"{report['sku']}{name} in pool {report['pool']}: {written(report['supply'])} are there.",
        "",
    )
    if report["rows"]:
        screen.table(
            ("date", "#quantity", "#balance", "~what"),
            [
                (day(row["date"]), signed(row["quantity"]), row["balance"], _transaction(row))
                for row in report["rows"]
            ],
        )
        say_what_is_uncertain(screen, [each for each in report["rows"] if "uncertain" in each])
    else:
        screen.say("Nothing is still to come or to go.")
    _conclude(screen, report)


def _transaction(row: Report) -> str:
    if row["kind"] == "purchase_line":
        late = f", overdue since {row['expected_date']}" if row["overdue"] else ""
        why = f", {blocked(row['blocked'])}" if row["blocked"] else ""
        return (
            f"purchase order {row['purchase_order']} line {row['purchase_line']} of "
            f"{row['vendor']}{late}{why}"
        )
    day_of = promised(row["promise_date"], row["uncertain"])
    what = f"promised for {day_of}" if row["promise_date"] else "without a promise"
    return f"order {row['order']} line {row['line']} of {row['customer']}, {what}"


def show_promise(screen: Screen, report: Report) -> None:
    """Show the first day on which a quantity can be promised, and how that follows."""
    asked = f"{written(report['quantity'])} of {report['sku']} in pool {report['pool']}"
    if report["first_date"] is None:
        why = "more must be ordered" if report["orderable_from"] else "no order would be accepted"
        screen.say(f"{asked} cannot be promised for any day: {why}.")
    elif report["first_date"] == report["today"]:
        day_of = promised(report["today"], report["uncertain"])
        screen.say(f"{asked} can be promised for today, {day_of}.")
    else:
        day_of = promised(report["first_date"], report["uncertain"])
        screen.say(f"{asked} can be promised for {day_of}, not before.")
    screen.say(_accepted(report), "")
    screen.table(
        (
            "from", "#projected stock", "#least from then on", "#available to promise", "#free",
            "#salable",
        ),
        [
            (
                step["date"], step["projected"], step["signed"], step["available_to_promise"],
                step["free"], step["salable_quantity"],
            )
            for step in report["steps"]
        ],
    )
    say_what_is_uncertain(screen, [report])
    _conclude(screen, report)


def _accepted(report: Report) -> str:
    if report["accepted_now"]:
        return "An order for it would be accepted now."
    why = " ".join(refusal["message"] for refusal in report["refusals"])
    if report["orderable_from"] is None:
        return f"An order for it would be refused: {why}"
    return f"An order for it would be accepted from {report['orderable_from']} on; now: {why}"


def show_purchase_order(screen: Screen, report: Report) -> None:
    """Show a purchase order with its lines, and who waits for it."""
    confirmed = ", confirmed" if report["confirmed"] else ""
    screen.say(
        f"Purchase order {report['purchase_order']} of {report['vendor']}: "
        f"{report['status']}{confirmed}.",
        f"Placed {moment(report['placed_at'])}, to be delivered to {report['source']}.",
        "",
    )
    screen.table(
        (
            "#line", "item", "#ordered", "#received", "#cancelled", "#remaining", "expected",
            "#days late", "~who waits",
        ),
        [
            (
                line["line"], line["sku"], line["ordered"], line["received"], line["cancelled"],
                line["remaining"], day(line["expected_date"]), line["days_late"] or None,
                who_waits_for(line),
            )
            for line in report["lines"]
        ],
    )
    _show_waiting(screen, report)
    _conclude(screen, report)


def _show_waiting(screen: Screen, report: Report) -> None:
    waiting = [(line, each) for line in report["lines"] for each in line["waiting"]]
    if not waiting:
        return
    screen.heading("Who waits, first in the queue first")
    screen.table(
        ("#line", "item", "~customer", "order", "#order line", "#quantity", "requested",
         "promised"),
        [
            (
                line["line"], line["sku"], each["customer"], each["order"], each["line"],
                each["quantity"], each["requested_date"],
                promised(each["promise_date"], each["uncertain"]),
            )
            for line, each in waiting
        ],
    )
    say_what_is_uncertain(screen, [each for _, each in waiting])


def _conclude(screen: Screen, report: Report) -> None:
    screen.say("", f"As of position {report['as_of']}; today is {report['today']}.")
