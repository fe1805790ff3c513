"""Who a customer is."""


from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import moment, plain


def show(screen: Screen, report: Report) -> None:
    """Show who a customer is, or since when nobody knows."""
    when = f"at position {report['position']:,} ({moment(report['changed_at'])})"
    if report["status"] == "erased":
        screen.say(f"Customer {plain(report['customer'])} was erased {when}.")
        return
    screen.say(f"Customer {plain(report['customer'])}, registered {when}.", "")
    if not report["readable"]:
        screen.say("The key to this customer is not in this database, so nobody can read more.")
        return
    screen.table(
        ("name", "e-mail", "address"), [(report["name"], report["email"], report["address"])]
    )
