"""A receipt: what came, and who got what of it."""

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_more
from stocktrail.interfaces.cli.wording import count, moment


def show(screen: Screen, report: Report) -> None:
    """Show what came with a receipt, and which order lines got it."""
    screen.say(
        f"Receipt {report['receipt']} of purchase order {report['purchase_order']} "
        f"({report['vendor']}), at {report['source']}, {moment(report['recorded_at'])}.",
        "",
    )
    screen.table(
        ("#line", "item", "#received", "#over", "#to waiting orders", "#left"),
        [
            (
                line["line"], line["sku"], line["quantity"], line["over"] or None,
                line["served"], line["left"],
            )
            for line in report["lines"]
        ],
    )
    if not report["rows"]:
        screen.say("", "Nobody waited for it.")
        return
    screen.heading("Who got what, the first in the queue first")
    screen.table(
        ("order", "#line", "~customer", "item", "#got", "#ready", "#backordered", "requested",
         "~now"),
        (
            (
                row["order"], row["line"], row["customer"], row["sku"], row["quantity"],
                row["ready"], row["backordered"], row["requested_date"], _now(row),
            )
            for row in report["rows"]
        ),
    )
    say_more(screen, report, "line")
    screen.say(
        "", f"Of {count(report['orders'], 'order')}, {report['orders_ready']} can ship now."
    )


def _now(row: Report) -> str:
    if not row["remaining"]:
        return "nothing remains"
    return "can ship" if row["ships"] else "waits"
