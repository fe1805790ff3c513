"""A customer: what they ordered, are promised, what slipped, and what they were told."""

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.backorders import show_customer_rows
from stocktrail.interfaces.cli.tables.flow import conclude
from stocktrail.interfaces.cli.tables.more import say_how_to_go_on
from stocktrail.interfaces.cli.tables.notices import show_promises
from stocktrail.interfaces.cli.wording import count, moment, plain


def show(screen: Screen, report: Report) -> None:
    """Show what a customer is promised, then what became of it, and what they were told."""
    orders = count(report["orders"], "order")
    screen.say(f"Customer {plain(report['customer'])}: {orders}.", "")
    if report["rows"]:
        show_customer_rows(screen, report["rows"])
    screen.say(
        "",
        f"{count(report['open_lines'], 'open line')}, {report['waiting_lines']} waiting, "
        f"{report['late_lines']} late, {report['slipped_lines']} slipped, "
        f"{report['uncertain_lines']} uncertain, {report['to_tell_lines']} to tell.",
    )
    if report["notices"]:
        screen.heading("What became of their promises, the latest first")
        show_promises(screen, report["notices"])
    if report["tellings"]:
        screen.heading("What somebody told them, the latest first")
        screen.table(
            ("~when", "order", "#line", "how", "they come", "by", "~note"),
            [
                (
                    moment(row["recorded_at"]), row["order"], row["line"], row["how"],
                    row["told_date"] or "no date", row["actor"], row["note"],
                )
                for row in report["tellings"]
            ],
        )
    conclude(screen, report)
    say_how_to_go_on(screen, report)
