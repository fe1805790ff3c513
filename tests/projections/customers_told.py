"""What customers must have been told, worked out from the promises before and after each command.

A second way to the slips of rule 5.5, which knows nothing of how they are recorded: it asks what
every line is promised, under the same today, before a command and after it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

Key = tuple[str, int]
Rows = list[dict[str, Any]]


@dataclass
class LineTellings:
    """What the customer of one line was told, and how often it slipped."""

    first: str | None
    last: str | None
    lost: bool = False
    slips: int = 0
    days: int = 0
    marked: bool = False
    marked_date: str | None = None
    part_slipped: bool = False

    @property
    def known(self) -> str | None:
        """The date that the customer knows: told last by somebody, else the first."""
        return self.marked_date if self.marked else self.first

    def is_to_tell(self, promised: str | None, *, uncertain: bool) -> bool:
        """Whether a line that waits is promised otherwise than its customer knows."""
        if self.part_slipped:
            return True
        if self.known is None:
            return self.marked and promised is not None and not uncertain
        return promised is None or promised > self.known


class CustomersTold:
    """Follows what the customers of all open lines are told."""

    def __init__(self) -> None:
        self.told: dict[Key, LineTellings] = {}

    def begin(self, rows: Rows) -> None:
        """Begin with lines that have not slipped yet: what they are promised they are told."""
        for row in rows:
            assert row["slips"] == 0
            self.told[_key(row)] = LineTellings(row["promise_date"], row["promise_date"])

    def follow(self, before: Rows, after: Rows, notices: Rows) -> None:
        """Compare promises before a command and after it, and what was noticed, with the rule."""
        was = {_key(row): row for row in before}
        noticed = {_key(row): row for row in notices if row["kind"] != "low_stock"}
        self.told = {key: self.told[key] for key in was.keys() & self.told.keys()}
        for row in after:
            key = _key(row)
            if key not in was:
                assert key not in noticed
                self.told[key] = LineTellings(row["promise_date"], row["promise_date"])
            else:
                self._follow(self.told[key], was[key], row, noticed.get(key))
            told = self.told[key]
            assert (row["slips"], row["lost"]) == (told.slips, told.lost), (row, told)
            if was.get(key, row)["promise_date"] == row["promise_date"]:
                assert row["days_slipped"] in (told.days, net(told.first, row["promise_date"]))
                told.days = row["days_slipped"]
            assert row["days_slipped"] == told.days, (row, told)
            self._follow_telling(told, was.get(key, {}), row)

    def _follow_telling(
        self, told: LineTellings, was: dict[str, Any], row: dict[str, Any]
    ) -> None:
        if row["told_at"] != was.get("told_at"):
            told.marked, told.part_slipped = True, False
            told.marked_date = None if row["uncertain"] else row["promise_date"]
        assert row["known_date"] == told.known, (row, told)
        if row["uncovered"] or row["pegged_to"]:
            to_tell = told.is_to_tell(row["promise_date"], uncertain=row["uncertain"])
            assert row["to_tell"] == to_tell, (row, told)

    def _follow(
        self, told: LineTellings, was: dict[str, Any], row: dict[str, Any],
        notice: dict[str, Any] | None,
    ) -> None:
        old, new = was["promise_date"], row["promise_date"]
        certain = was["uncertain"] and not row["uncertain"] and row["backordered"] > 0
        if old != new:
            told.days = net(told.first or new, new)
        elif notice is not None and notice["old_date"] != notice["new_date"]:
            told.slips += 1                       # another part of the line slipped, or was lost
            told.part_slipped = True
            if notice["new_date"] is None:
                told.last, told.lost = told.last or notice["old_date"], True
            return
        kind, is_slip = None, False
        if new is None:
            if old is not None and told.last is not None:
                kind, is_slip, told.lost = "slip", True, True
        elif told.last is None:
            told.first = told.last = new
        elif old != new or certain:
            is_later = new > told.last
            if told.lost:
                kind, is_slip = "promise_found", is_later
            elif is_later and (old is None or new > old or certain):
                kind, is_slip = "slip", True
        assert (notice and notice["kind"]) == kind, (was, row, told, notice)
        if notice is not None and new is not None:
            assert notice["told_date"] == told.last
            assert notice["days"] == days_between(told.last, new)
            assert notice["uncertain"] == row["uncertain"]
            told.first, told.last, told.lost = told.first or new, new, False
        told.slips += is_slip


def net(first: str | None, present: str | None) -> int:
    """Count the days by which a promise comes later than it first did."""
    return max(days_between(first, present), 0) if first and present else 0


def days_between(one: str | None, other: str | None) -> int:
    """Count the days from one to the other."""
    return (date.fromisoformat(other or "") - date.fromisoformat(one or "")).days


def _key(row: dict[str, Any]) -> Key:
    return row["order"], row["line"]
