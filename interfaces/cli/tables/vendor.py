"""A vendor: what it owes, who waits for it, and how it kept what it said."""

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.backorders import show_vendor_rows
from stocktrail.interfaces.cli.tables.flow import conclude
from stocktrail.interfaces.cli.tables.more import say_how_to_go_on
from stocktrail.interfaces.cli.wording import count, plain


def show(screen: Screen, report: Report) -> None:
    """Show how a vendor kept what it said, then the lines that it owes."""
    kept = report["performance"]
    orders = count(report["purchase_orders"], "purchase order")
    screen.say(f"Vendor {plain(report['vendor'])}: {orders}.", "")
    screen.table(
        ("#lines due", "#on time", "#in full", "#both", "#both, %", "#days late", "#at worst"),
        [(
            kept["due"], kept["on_time"], kept["in_full"], kept["on_time_in_full"],
            kept["on_time_in_full_percent"], kept["average_days_late"], kept["worst_days_late"],
        )],
    )
    screen.heading("What it owes, and who waits")
    if report["rows"]:
        show_vendor_rows(screen, report["rows"])
    screen.say(
        "",
        f"{count(report['open_lines'], 'line')} to come, {report['overdue_lines']} overdue, "
        f"{report['undated_lines']} without a date, {report['waited_for_lines']} waited for.",
    )
    conclude(screen, report)
    say_how_to_go_on(screen, report)
