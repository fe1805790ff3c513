"""A purchase order with its lines, and who waits for it."""


from stocktrail.interfaces.cli.promised_days import day, promised, say_what_is_uncertain
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.backorders import who_waits_for
from stocktrail.interfaces.cli.tables.flow import conclude
from stocktrail.interfaces.cli.wording import moment


def show(screen: Screen, report: Report) -> None:
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
    conclude(screen, report)


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
