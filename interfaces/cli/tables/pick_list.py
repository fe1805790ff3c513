"""What to pick where, a source after the other."""

from itertools import groupby

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import count


def show(screen: Screen, report: Report) -> None:
    """Show what to pick at each source, and for which orders."""
    if not report["rows"]:
        screen.say("Nothing can ship: there is nothing to pick.")
        return
    for source, rows in groupby(report["rows"], lambda row: row["source"]):
        picked = list(rows)
        screen.heading(f"At {source}" if source else "Not from stock")
        screen.table(
            ("item", "~name", "#pick", "for order", "#line", "~customer"),
            (
                (
                    row["sku"], row["name"], row["quantity"], row["order"], row["line"],
                    row["customer"],
                )
                for row in picked
            ),
        )
    screen.say("", f"For {count(len(report['orders']), 'order')}.")
    if report["left_out"]:
        screen.say(f"{count(report['left_out'], 'more order')} can ship: ship these first, or "
                   "raise --limit.")
