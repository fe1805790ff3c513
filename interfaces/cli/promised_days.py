"""How promised days look to people: those that are uncertain have a mark."""

from collections.abc import Iterable, Iterator

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


class UncertainDays:
    """The overdue receipts on which the days of rows rest, found while the rows are written."""

    def __init__(self) -> None:
        self._receipts: dict[tuple[str, int], Report] = {}

    def among(self, rows: Iterable[Report]) -> Iterator[Report]:
        """Yield rows, and keep what their days rest on where they are uncertain."""
        for row in rows:
            if row["uncertain"]:
                for each in row["overdue_receipts"]:
                    self._receipts[each["purchase_order"], each["purchase_line"]] = each
            yield row

    def explain(self, screen: Screen) -> None:
        """Write what the mark means, and on which overdue receipts those days rest, if on any."""
        if not self._receipts:
            return
        late = "; ".join(
            f"purchase order {order} line {line}, {count(each['days_overdue'], 'day')} overdue"
            for (order, line), each in self._receipts.items()
        )
        screen.say("", f"? is uncertain, and no day to tell a customer: it rests on {late}.")


def say_what_is_uncertain(screen: Screen, rows: Iterable[Report]) -> None:
    """Write what the mark means, and on which overdue receipts those days rest."""
    uncertain = UncertainDays()
    for _ in uncertain.among(rows):
        pass
    uncertain.explain(screen)


def days(number: int | None) -> str:
    """Write by how many days a promise moved.

    >>> days(5), days(-2), days(None)
    ('+5', '-2', '')
    """
    return "" if number is None else f"{number:+d}"
