"""How many rows of a list are shown of how many there are, and how to see more."""

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import count, count_of


def say_more(screen: Screen, report: Report, one: str) -> None:
    """Write how many are shown, and how to see more; nothing where all are.

    ``one`` is what a row is.
    """
    if report.get("next") is None:
        return
    shown, total = len(report["rows"]), report.get("total")
    screen.say(
        "",
        f"{count(shown, one)}, and there are more." if total is None
        else f"{count_of(shown, total, one)} are shown.",
    )
    say_how_to_go_on(screen, report)


def say_what_came_before(screen: Screen, report: Report, what: str, *, has_all: bool) -> None:
    """Write the flags that lead to what came before the latest that is shown, if anything did.

    ``what`` are the rows; ``has_all`` says whether all of them can be asked for at once.
    """
    if report["next"] is None:
        return
    screen.commands([
        (f"--before {report['next']}", f"the {what} before these"),
        *([("--all", "all of them")] if has_all else []),
    ])


def say_how_to_go_on(screen: Screen, report: Report) -> None:
    """Write the flags that lead to the rows that are not shown, if there are any."""
    if report.get("next") is not None:
        screen.commands([
            (f"--after {report['next']}", "there are more: the next page"),
            ("--all", "all of them, written as they are read"),
        ])
