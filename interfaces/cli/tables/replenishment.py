"""What to order, from whom and why, one item a line; or the commands that order it."""

import sys
from collections.abc import Iterator

import orjson

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_more
from stocktrail.interfaces.cli.wording import count, written


def show(screen: Screen, report: Report) -> None:
    """Show what to order by vendor, and the arithmetic; or write the commands alone."""
    if report["commands"] is not None:
        _write_commands(report)
        return
    if not report["rows"]:
        screen.say("Nothing is uncovered, and nothing is below its level.")
        return
    screen.table(
        (
            "~vendor", "item", "#missing", "~transfer", "#order", "needed by", "expected", "~why",
        ),
        (
            (
                row["vendor"] or "nobody yet", row["sku"], row["missing"],
                ", ".join(transfers(row)), row["order_quantity"] or "",
                row["needed_by"] or "", row["expected_date"] or "", "; ".join(why(row)),
            )
            for row in report["rows"]
        ),
    )
    say_more(screen, report, "item")


def transfers(row: Report) -> Iterator[str]:
    """Return in words what other sources can give."""
    for each in row["transfers"]:
        yield f"{written(each['quantity'])} {each['from_source']} to {each['to_source']}"


def why(row: Report) -> Iterator[str]:
    """Return the arithmetic of each need in words, and where it is, if there are several.

    >>> list(why({"needs": [{"pools": ["web"], "source": None, "why": "5 uncovered"}]}))
    ['5 uncovered']
    """
    for need in row["needs"]:
        place = "" if len(row["needs"]) == 1 else f" ({need['source'] or ', '.join(need['pools'])})"
        yield need["why"] + place


def _write_commands(report: Report) -> None:
    """Write the commands as JSON Lines, and to stderr what they leave out."""
    for command in report["commands"]:
        sys.stdout.write(orjson.dumps(command).decode() + "\n")
    if report["left_out"]:
        sys.stderr.write(
            f"{count(report['left_out'], 'item')} left out: nobody delivered any yet, so nobody is "
            "known to order from.\n"
        )
