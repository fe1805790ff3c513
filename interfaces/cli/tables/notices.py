"""Every notice there was, those of a kind together."""

from collections.abc import Sequence

from stocktrail.interfaces.cli.promised_days import day, days, promised, say_what_is_uncertain
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.low_stock import where
from stocktrail.interfaces.cli.wording import moment


def show(screen: Screen, report: Report) -> None:
    """Show every notice there was, those of a kind together."""
    if not report["rows"]:
        screen.say("No notice was ever raised.")
        return
    slips = [row for row in report["rows"] if row["kind"] == "slip"]
    found = [row for row in report["rows"] if row["kind"] == "promise_found"]
    low = [row for row in report["rows"] if row["kind"] == "low_stock"]
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
        show_promises(screen, slips)
    if found:
        screen.heading("Promises found again")
        show_promises(screen, found)


def show_promises(screen: Screen, slips: Sequence[Report]) -> None:
    """Show who is promised another date, instead of which, and why; the same reason once.

    What is told stands against the date that the customer was told before.
    """
    told = [""] + [row["cause"]["sentence"] for row in slips]
    screen.table(
        ("customer", "order", "#line", "item", "#quantity", "from", "to", "#days", "~why"),
        [
            (
                row["customer"], row["order"], row["line"], row["sku"], row["quantity"],
                day(_before(row)), promised(row["new_date"], row["uncertain"]),
                days(row["days"]),
                "the same" if told[at] == told[at + 1] else told[at + 1],
            )
            for at, row in enumerate(slips)
        ],
    )
    say_what_is_uncertain(screen, slips)


def _before(row: Report) -> str | None:
    is_told = row.get("notice", row.get("kind")) is not None
    date: str | None = row["told_date" if is_told else "old_date"]
    return date
