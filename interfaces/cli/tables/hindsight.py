"""What was known of stock at a moment, beside what had happened by it."""

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_more
from stocktrail.interfaces.cli.wording import count


def show(screen: Screen, report: Report) -> None:
    """Show the figures that differ, and by which events."""
    if report["rows"]:
        screen.table(
            ("item", "pool", "~what", "#known", "#happened", "~events"),
            (
                (
                    row["sku"], row["pool"], name.replace("_", " "), figure["known"],
                    figure["happened"],
                    ", ".join(str(each["position"]) for each in row["events"]),
                )
                for row in report["rows"] for name, figure in row["figures"].items()
            ),
        )
    else:
        screen.say("What was known then is what had happened.")
    screen.say(
        "",
        f"{count(report['events'], 'event')} recorded late, or ahead of time.",
        f"Known as of position {report['known_at']}, happened by "
        f"{report['moment'][:19].replace('T', ' ')} UTC.",
    )
    say_more(screen, report, "item")
