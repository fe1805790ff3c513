"""What was sent to a webhook, attempt by attempt."""


from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_what_came_before
from stocktrail.interfaces.cli.wording import moment


def show(screen: Screen, report: Report) -> None:
    """Show attempts, one a line."""
    if not report["rows"]:
        screen.say("Nothing was sent yet.")
        return
    screen.table(
        ("#position", "#attempt", "sent", "outcome", "#status", "#ms", "~error"),
        [
            (row["position"], row["attempt"], moment(row["sent_at"]), row["outcome"],
             row["status"], row["milliseconds"], row["error"])
            for row in report["rows"]
        ],
    )
    say_what_came_before(screen, report, "attempts", has_all=False)
