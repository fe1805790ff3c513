"""How notices look to people: what became low, and whose promise slipped."""

from collections.abc import Mapping, Sequence
from typing import Any

from interfaces.cli.screen import Screen
from interfaces.cli.stock_views import where
from interfaces.cli.wording import moment

Report = Mapping[str, Any]


def show_notices(screen: Screen, report: Report) -> None:
    """Show every notice there was, those of a kind together."""
    if not report["rows"]:
        screen.say("No notice was ever raised.")
        return
    slips = [row for row in report["rows"] if row["kind"] == "slip"]
    low = [row for row in report["rows"] if row["kind"] != "slip"]
    if low:
        screen.heading("Low stock")
        screen.table(
            ("item", "where", "#was", "#notify at", "~raised", "#position", "~cleared"),
            [
                (
                    row["sku"], where(row), row["basis"], row["threshold"],
                    moment(row["raised_at"]), row["position"],
                    moment(row["cleared_at"]) or "still low",
                )
                for row in low
            ],
        )
    if slips:
        screen.heading("Promises that slipped")
        show_slips(screen, slips)


def show_slips(screen: Screen, slips: Sequence[Report]) -> None:
    """Show whose promise slipped, from when to when, and why; the same reason is told once."""
    told = [""] + [row["cause"]["sentence"] for row in slips]
    screen.table(
        ("customer", "order", "#line", "item", "#quantity", "from", "to", "#days", "~why"),
        [
            (
                row["customer"], row["order"], row["line"], row["sku"], row["quantity"],
                day(row["old_date"]), day(row["new_date"]), days(row["days"]),
                "the same" if told[at] == told[at + 1] else told[at + 1],
            )
            for at, row in enumerate(slips)
        ],
    )


def day(date: str | None) -> str:
    """Write a promised or expected day; uncovered units and undated receipts have none."""
    return date or "no date"


def days(number: int | None) -> str:
    """Write by how many days a promise moved.

    >>> days(5), days(-2), days(None)
    ('+5', '-2', '')
    """
    return "" if number is None else f"{number:+d}"
