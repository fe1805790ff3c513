"""What is to tell, customer by customer: what they know, what is promised now, and why."""

from stocktrail.interfaces.cli.promised_days import UncertainDays, day, days, promised
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_how_to_go_on
from stocktrail.interfaces.cli.wording import count_of


def show(screen: Screen, report: Report) -> None:
    """Show the lines of which customers must be told, or were."""
    rows = report["rows"]
    if rows:
        uncertain = UncertainDays()
        screen.table(
            (
                "~customer", "order", "#line", "item", "#quantity", "knows", "promised", "#days",
                "told", "~why",
            ),
            (
                (
                    row["customer"], row["order"], row["line"], row["sku"], row["quantity"],
                    day(row["known_date"]), promised(row["promise_date"], row["uncertain"]),
                    days(row["days"]), told(row),
                    "" if row["cause"] is None else row["cause"]["sentence"],
                )
                for row in uncertain.among(rows)
            ),
        )
        uncertain.explain(screen)
    else:
        screen.say("Nobody is to be told anything." if not report["facets"]["to_tell"]
                   else "There is no such line.")
    counted = count_of(len(rows), report["total"], "order line")
    screen.say("", f"{counted}, as of position {report['as_of']}; today is {report['today']}.")
    if any(row["to_tell"] for row in rows):
        screen.say("Record whom you told: stocktrail mark-told --order ORDER --how phone")
    say_how_to_go_on(screen, report)


def told(row: Report) -> str:
    """Return whether somebody told the customer of a line what is promised now, and how.

    >>> told({"to_tell": True, "told_how": None}), told({"to_tell": False, "told_how": "phone"})
    ('not yet', 'by phone')
    """
    if row["to_tell"]:
        return "not yet"
    return "" if row["told_how"] is None else f"by {row['told_how']}"
