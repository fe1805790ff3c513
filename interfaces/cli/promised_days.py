"""How promised days look to people: those that are uncertain have a mark."""

from collections.abc import Iterable

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import count


def day(date: str | None) -> str:
    """Write a promised or expected day; uncovered units and undated receipts have none."""
    return date or "no date"


def promised(date: str | None, uncertain: bool) -> str:
    """Write the day that something is promised for, with a mark where it is uncertain.

    >>> promised("2026-03-21", True), promised("2026-03-21", False), promised(None, False)
    ('2026-03-21 ?', '2026-03-21', 'no date')
    """
    return f"{date} ?" if date and uncertain else day(date)


def say_what_is_uncertain(screen: Screen, rows: Iterable[Report]) -> None:
    """Return what the mark means, and on which overdue receipts those days rest."""
    receipts = {
        (each["purchase_order"], each["purchase_line"]): each
        for row in rows if row["uncertain"] for each in row["overdue_receipts"]
    }
    if not receipts:
        return
    late = "; ".join(
        f"purchase order {order} line {line}, {count(each['days_overdue'], 'day')} overdue"
        for (order, line), each in receipts.items()
    )
    screen.say("", f"? is uncertain, and no day to tell a customer: it rests on {late}.")


def days(number: int | None) -> str:
    """Write by how many days a promise moved.

    >>> days(5), days(-2), days(None)
    ('+5', '-2', '')
    """
    return "" if number is None else f"{number:+d}"
