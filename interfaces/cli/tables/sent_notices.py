"""What became of notices by e-mail."""

from collections.abc import Mapping
from typing import Any

from stocktrail.interfaces.cli.screen import Screen

Report = Mapping[str, Any]


def show(screen: Screen, report: dict[str, Any]) -> None:
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
