"""The events that moved an item, with the balances after each."""

from collections.abc import Mapping
from typing import Any

from stocktrail.interfaces.cli.screen import Screen
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
    screen.say(
        "",
        f"{count(len(report['rows']), 'event')} of {report['sku']} in pool {report['pool']}, as of "
        f"position {report['as_of']}.",
    )
