"""What is low now, one a line."""

from collections.abc import Iterable

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_more
from stocktrail.interfaces.cli.wording import SETTING_LEVELS, moment


def show(screen: Screen, report: Report) -> None:
    """Show what is low now."""
    if not report["rows"]:
        screen.say("Nothing is low.")
        return
    show_low_stock_rows(screen, report["rows"])
    say_more(screen, report, "low item")


def show_low_stock_rows(screen: Screen, rows: Iterable[Report]) -> None:
    """Show what is low, one a line."""
    screen.table(
        ("item", "where", "what counts", "#is", "#notify at", "~set by", "~low since"),
        (
            (
                row["sku"], where(row), row["measured"].replace("_quantity", "").replace("_", " "),
                row["basis"], row["threshold"], SETTING_LEVELS[row["level"]],
                moment(row["raised_at"]),
            )
            for row in rows
        ),
    )


def where(row: Report) -> str:
    """Return the pool or the source that a row is about."""
    return f"pool {row['pool']}" if "pool" in row else f"source {row['source']}"
