"""What changed between two moments, and by which events."""

from collections.abc import Mapping
from typing import Any

from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.wording import count, written


def show(screen: Screen, report: Mapping[str, Any]) -> None:
    """Show what changed, figure by figure, and by which events."""
    for heading, keys in (
        ("stock", ("sku", "pool")), ("orders", ("order",)), ("backorders", ("order", "line")),
    ):
        if not report[heading]:
            continue
        screen.heading(heading.capitalize())
        screen.table(
            (*keys, "~what", "#from", "#to", "~events"),
            [
                (*(row[key] for key in keys), name.replace("_", " "), _value(change["from"]),
                 _value(change["to"]), _movers(row, name))
                for row in report[heading] for name, change in row["changes"].items()
            ],
        )
    if report["settings"]:
        screen.heading("Settings")
        for each in report["settings"]:
            screen.say(f"{each['position']}: {each['sentence']}")
    screen.say(
        "",
        f"{count(report['events'], 'event')} from position {report['from']} to position "
        f"{report['to']}.",
    )


def _movers(row: Mapping[str, Any], figure: str) -> str:
    """Return the positions of the events that moved a figure."""
    return ", ".join(str(each["position"]) for each in row["events"] if figure in each["moved"])


def _value(value: Any) -> str:
    return "" if value is None else written(value)
