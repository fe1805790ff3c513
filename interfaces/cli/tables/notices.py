"""Every notice there was, those of a kind together."""

from collections import Counter
from collections.abc import Iterable, Iterator

from stocktrail.interfaces.cli.promised_days import UncertainDays, days, promised
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.low_stock import where
from stocktrail.interfaces.cli.tables.more import say_more
from stocktrail.interfaces.cli.wording import moment


def show(screen: Screen, report: Report) -> None:
    """Show every notice there was, those of a kind together."""
    if not report["rows"]:
        screen.say("No notice was ever raised.")
        return
    _show_low_stock(screen, report["rows"])
    for kind, heading in (
        ("slip", "Promises that slipped"), ("promise_found", "Promises found again"),
    ):
        rows = _OfKind(report["rows"], kind)
        if rows:
            screen.heading(heading)
            show_promises(screen, rows)
    say_more(screen, report, "notice")


class _OfKind:
    """The rows of a kind, picked out whenever somebody goes through them."""

    def __init__(self, rows: Iterable[Report], kind: str) -> None:
        self._rows = rows
        self._kind = kind

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def __iter__(self) -> Iterator[Report]:
        return (row for row in self._rows if row["kind"] == self._kind)


def _show_low_stock(screen: Screen, rows: Iterable[Report]) -> None:
    low = _OfKind(rows, "low_stock")
    if not low:
        return
    screen.heading("Low stock")
    screen.table(
        ("item", "where", "#was", "#notify at", "~raised", "#position", "~cleared"),
        (
            (
                row["sku"], where(row), row["basis"], row["threshold"],
                moment(row["raised_at"]), row["position"],
                moment(row["cleared_at"]) or "still low",
            )
            for row in low
        ),
    )


def show_promises(screen: Screen, slips: Iterable[Report]) -> None:
    """Show who is promised another date, instead of which, and why; the same reason once.

    What is told stands against the date that the customer was told before.
    """
    uncertain, before = UncertainDays(), Counter[bool]()
    screen.table(
        ("customer", "order", "#line", "item", "#quantity", "from", "to", "#days", "~why"),
        (
            (
                row["customer"], row["order"], row["line"], row["sku"], row["quantity"],
                _from(row), promised(row["new_date"], row["uncertain"]), days(row["days"]), why,
            )
            for row, why in _with_reasons(_counted(uncertain.among(slips), before))
        ),
    )
    uncertain.explain(screen)
    if before[True]:
        screen.say("", "? in the column from: that promise was uncertain.")


def _counted(slips: Iterable[Report], before: Counter[bool]) -> Iterator[Report]:
    """Yield rows, and count by whether the promise was uncertain before."""
    for row in slips:
        before[bool(row.get("old_uncertain"))] += 1
        yield row


def _with_reasons(slips: Iterable[Report]) -> Iterator[tuple[Report, str]]:
    """Yield rows with their reason, or that it is the one of the row before."""
    last = ""
    for row in slips:
        reason = row["cause"]["sentence"]
        yield row, "the same" if reason == last else reason
        last = reason


def _from(row: Report) -> str:
    """Write what a promise was: in a preview also whether it was uncertain, or told to be so."""
    if row.get("nobody_knows"):
        return "told: not known yet"
    return promised(_before(row), row.get("old_uncertain", False))


def _before(row: Report) -> str | None:
    is_told = row.get("notice", row.get("kind")) is not None
    date: str | None = row["told_date" if is_told else "old_date"]
    return date
