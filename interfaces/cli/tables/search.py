"""What a search found, one a line, the kinds one after the other."""

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.projections.answers.search.matches import MOST_NAMES

_KINDS = {"purchase_order": "purchase order"}


def show(screen: Screen, report: Report) -> None:
    """Show what was found."""
    if not report["rows"]:
        screen.say("Nothing has that in its number or name.")
        return
    screen.table(
        ("what", "number", "~name", "~belongs to"),
        (
            (_KINDS.get(row["kind"], row["kind"]), row["key"], row["name"], row["belongs_to"])
            for row in report["rows"]
        ),
    )
    if report["more"]:
        kinds = ", ".join(f"{_KINDS.get(kind, kind)}s" for kind in report["more"])
        screen.say("", f"There are more {kinds}: type more of it, or ask with a higher --limit.")
    if report["names_searched"] == MOST_NAMES:
        screen.say("", f"Of customers' names only the last {MOST_NAMES:,} were looked at.")
