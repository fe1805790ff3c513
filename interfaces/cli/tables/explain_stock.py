"""What led to a number, and then how it follows."""

from collections.abc import Iterable

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_what_came_before
from stocktrail.interfaces.cli.wording import moment


def show(screen: Screen, report: Report) -> None:
    """Show what led to a number, and then how it follows."""
    screen.heading("What happened")
    if report.get("earlier_events"):
        screen.say(f"({report['earlier_events']:,} earlier events are not shown.)")
        say_what_came_before(screen, report, "events", has_all=True)
    show_event_rows(screen, report["events"])
    screen.heading(f"What follows, as of position {report['as_of']}")
    screen.say(*report["sentences"])


def show_event_rows(screen: Screen, events: Iterable[Report]) -> None:
    """Show events with their sentences, one a line."""
    screen.table(
        ("#position", "~occurred", "type", "~what"),
        [
            (each["position"], moment(each["occurred_at"]), each["type"], each["sentence"])
            for each in events
        ],
    )
