"""Every item in a pool, one a line."""

from collections.abc import Iterable, Sequence
from typing import Any

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_how_to_go_on
from stocktrail.interfaces.cli.tables.stock import salable
from stocktrail.interfaces.cli.wording import count_of


def show(screen: Screen, report: Report) -> None:
    """Show every item in a pool, one a line."""
    rows = report["rows"]
    say_parked(screen, report["parked"])
    if not rows:
        screen.say("No item is registered yet. Make one known with register-product.")
        return
    show_stock_rows(screen, rows)
    shown = count_of(len(rows), report.get("total") or len(rows), "item")
    screen.say("", f"{shown} in pool {report['pool']}, as of position {report['as_of']}.")
    say_how_to_go_on(screen, report)


def say_parked(screen: Screen, skus: Sequence[str]) -> None:
    """Write which items are left out because they cannot be folded."""
    if skus:
        screen.say(f"Parked, and left out: {', '.join(skus)}. See `stocktrail status`.")


def show_stock_rows(screen: Screen, rows: Iterable[Report]) -> None:
    """Show the stock of items, one a line."""
    screen.table(
        ("item", "~name", "#on hand", "#demand", "#backordered", "#salable", "~the shop says"),
        (
            (
                row["sku"], row["name"], _on_hand_in_pool(row), row["demand"],
                row["backordered"], salable(row), row["message"],
            )
            for row in rows
        ),
    )


def _on_hand_in_pool(row: Report) -> Any:
    found = sum(each["on_hand"] for each in row["sources"].values() if each["in_pool"])
    return round(found, 4)
