"""What became of notices by e-mail."""


from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_what_came_before


def show(screen: Screen, report: Report) -> None:
    """Show notices, one a line."""
    if not report["rows"]:
        screen.say("No notice was sent yet.")
        return
    screen.table(
        ("#position", "kind", "order", "customer", "state", "#attempts", "~reason"),
        [
            (row["position"], row["kind"].replace("_", " "), row["order"], row["customer"],
             row["state"], row["attempts"], row["reason"])
            for row in report["rows"]
        ],
    )
    say_what_came_before(screen, report, "notices", has_all=False)
