"""Why a line is promised what it is."""


from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_what_came_before


def show(screen: Screen, report: Report) -> None:
    """Show why a line is promised what it is."""
    screen.say(
        f"Line {report['line']} of order {report['order']}, as of position {report['as_of']}; "
        f"today is {report['today']}.",
        "",
        *report["sentences"],
    )
    if report["earlier_changes"]:
        screen.say(f"({report['earlier_changes']:,} earlier changes are not shown.)")
        say_what_came_before(screen, report, "changes", has_all=True)
