"""The warning about a file whose rows were all recorded before, which may be a mistake.

Rows without an id get one derived from the content of the file up to them. Whoever sends the same
file on two days mostly wants it to count twice, and is told how.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from stocktrail.interfaces.cli.failures import complain
from stocktrail.interfaces.cli.wording import count, moment
from stocktrail.ledger.instant import to_iso

if TYPE_CHECKING:
    from stocktrail.commands.scripts.reading import Row
    from stocktrail.commands.scripts.results import Result
    from stocktrail.ledger.store import Ledger


class KnownAlready:
    """Observes the rows of a file and their results, and warns when none of them was new."""

    def __init__(self, run: str | None) -> None:
        self._run = run
        self._rows = 0
        self._known = 0
        self._all_derived = True
        self._some_id: str | None = None
        self._first: int | None = None
        self._last = 0

    def watch_rows(self, rows: Iterable[Sequence["Row"]]) -> Iterator[Sequence["Row"]]:
        """Yield rows, and note whether any has an id of its own or is invalid."""
        for some in rows:
            for row in some:
                self._rows += 1
                if row.command is None or row.command.id is not None:
                    self._all_derived = False
            yield some

    def watch_results(self, results: Iterable["Result"]) -> Iterator["Result"]:
        """Yield results, and note which were recorded before, and at which positions."""
        for result in results:
            if result.status == "duplicate" or result.first_judged_at is not None:
                self._known += 1
                self._some_id = self._some_id or result.id
                at = result.position or 0
                self._first = at if self._first is None else min(self._first, at)
                self._last = max(self._last, at)
            yield result

    def warn(self, ledger: "Ledger", *, as_json: bool) -> None:
        """Write to stderr, when nothing was new, when it was recorded and how to repeat it."""
        if not self._known or self._known < self._rows or not self._all_derived:
            return
        if ledger.outcome(self._some_id or "") is None:     # known by an order's own id
            return
        first, last = _time_at(ledger, self._first or 0), _time_at(ledger, self._last)
        when = (
            "before" if last is None or first is None
            else f"at {moment(last)} UTC" if moment(first) == moment(last)
            else f"between {moment(first)} and {moment(last)} UTC"
        )
        rows = "The only row" if self._rows == 1 else f"All {count(self._rows, 'row')}"
        verb = "was" if self._rows == 1 else "were"
        other = "another --run NAME" if self._run else "--run NAME"
        complain(
            "known_already",
            f"{rows} of this file {verb} known already: recorded {when}, and not counted again. "
            f"If the same is meant to count once more, send it with {other}.",
            as_json=as_json, rows=self._rows, first_recorded_at=first, last_recorded_at=last,
        )


def _time_at(ledger: "Ledger", position: int) -> str | None:
    found = ledger.read(position - 1, 1) if position else []
    return to_iso(found[0].recorded_at) if found else None
