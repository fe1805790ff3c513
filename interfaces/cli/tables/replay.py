"""The events that moved an item, with the balances after each."""

from collections.abc import Mapping
from typing import Any

from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.tables.more import say_what_came_before
from stocktrail.interfaces.cli.wording import count, moment


def show(screen: Screen, report: Mapping[str, Any]) -> None:
    """Show events, one a line."""
    names = ("on_hand", "allocated", "backordered", "demand", "salable_quantity")
    screen.table(
        ("#position", "occurred", "~what happened", "#on hand", "#allocated", "#backordered",
         "#demand", "#salable"),
        [
            (row["position"], moment(row["occurred_at"]), row["sentence"],
             *(row["balances"][name] for name in names))
            for row in report["rows"]
        ],
    )
    shown = count(len(report["rows"]), "event")
    latest = "" if report["next"] is None else "The latest "
    screen.say(
        "",
        f"{latest}{shown} of {report['sku']} in pool {report['pool']}, as of position "
        f"{report['as_of']}.",
    )
    say_what_came_before(screen, report, "events", has_all=True)
