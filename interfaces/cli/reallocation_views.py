"""How the preview of a dry run looks to people: who gains, who loses, which promises move."""

from collections.abc import Sequence

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.notices import show_promises
from stocktrail.interfaces.cli.wording import signed


def show_preview(screen: Screen, preview: Report) -> None:
    """Show what a command that was not recorded would do to those who wait."""
    _show_allocations(screen, "Who would gain", preview["gains"])
    _show_allocations(screen, "Who would lose", preview["loses"])
    if preview["slips"]:
        screen.heading("Promises that would slip")
        show_promises(screen, preview["slips"])
    if preview["moves"]:
        screen.heading("Promises that would come earlier, or get a date")
        show_promises(screen, preview["moves"])
    if not any(preview[each] for each in ("gains", "loses", "slips", "moves")):
        screen.say("Nobody would gain or lose, and no promise would move.")


def _show_allocations(screen: Screen, heading: str, rows: Sequence[Report]) -> None:
    if not rows:
        return
    screen.heading(heading)
    screen.table(
        ("customer", "order", "#line", "item", "#allocated now", "#then", "#change"),
        [
            (
                row["customer"], row["order"], row["line"], row["sku"], row["before"],
                row["after"], signed(row["change"]),
            )
            for row in rows
        ],
    )
