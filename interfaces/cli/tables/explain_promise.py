"""Why a line is promised what it is."""


from stocktrail.interfaces.cli.screen import Report, Screen


def show(screen: Screen, report: Report) -> None:
    """Show why a line is promised what it is."""
    screen.say(
        f"Line {report['line']} of order {report['order']}, as of position {report['as_of']}; "
        f"today is {report['today']}.",
        "",
        *report["sentences"],
    )
