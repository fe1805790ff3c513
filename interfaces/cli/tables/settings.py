"""The settings of an item: what holds of each, and which level gave it."""

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import plain


def show(screen: Screen, report: Report) -> None:
    """Show every setting with the value that holds and the levels that set one."""
    levels = list(dict.fromkeys(name for row in report["rows"] for name in row["levels"]))
    screen.say(f"Settings of {plain(report['sku'])} in pool {plain(report['pool'])}.", "")
    screen.table(
        ("setting", "#holds", "level", *(f"#{name.replace('_', ' ')}" for name in levels)),
        [
            (
                row["setting"].replace("_", " "), row["value"], row["level"].replace("_", " "),
                *(row["levels"].get(name) for name in levels),
            )
            for row in report["rows"]
        ],
    )
    screen.say("", f"As of position {report['as_of']}.")
