"""Every change of an item, one a line."""

from typing import cast

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_more
from stocktrail.interfaces.cli.wording import moment, signed


def show(screen: Screen, report: Report) -> None:
    """Show every change of an item."""
    if not report["rows"]:
        screen.say(f"Nothing has happened to {report['sku']} yet.")
        return
    screen.table(
        ("#position", "~occurred", "where", "#change", "#after", "~cause", "~by"),
        (
            (
                row["position"], moment(row["occurred_at"]), _place(row), signed(row["delta"]),
                row["quantity_after"], row["cause"], _sender(row),
            )
            for row in report["rows"]
        ),
    )
    screen.say("", "A source counts units on hand, a pool what is available: supply minus demand.")
    say_more(screen, report, "change")


def _place(row: Report) -> str:
    return f"source {row['source']}" if row["source"] else f"pool {row['pool']}"


def _sender(row: Report) -> str | None:
    """Return who sent the command: as it said, and with which token."""
    actor, credential = row["actor"], row["credential"]
    if credential is None:
        return cast("str | None", actor)
    return f"token {credential}" if actor is None else f"{actor} (token {credential})"
