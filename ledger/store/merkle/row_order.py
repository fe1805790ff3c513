"""The order of a log: rows, positions, recorded times and versions follow each other without gaps.

Nothing here is hashed. A row that is not what was hashed may say anything: positions are counted on
from the row after it.
"""

from array import array
from collections.abc import Sequence

from msgspec import MsgspecError

from stocktrail.ledger.store.command_row import CommandRow, Entry, read_entries
from stocktrail.ledger.store.merkle.flaws import Flaw, Flaws, moment

PARTS = ("part", "saved")
"""The statuses of rows that go on with the events of the row before."""

MOST_PLACES = 1 << 10
"""More than the events of a row: where an event is, is its row's sequence times this, plus its
place in the row."""


class RowOrder:
    """Follows the rows of a log from the first, and notes where the events of each stream are.

    The events of the last row are at ``first`` to ``position``, if it ``has_events`` and they can
    be read.
    """

    def __init__(self, flaws: Flaws) -> None:
        self._flaws = flaws
        self._is_sure = True
        self._command_end = 0
        self.sequence: int = 0
        self.first: int = 1
        self.has_events: bool = False
        self.position: int = 0
        self.recorded_at: int = 0
        self.is_contiguous: bool = True
        self.places: dict[str, array[int]] = {}
        self.version_gap: Flaw | None = None

    def follow(self, row: CommandRow, *, is_altered: bool) -> None:
        """Take the next row; where it is not what was hashed, it is only counted on from."""
        if not self._is_sure:
            self.position = row.first_position - 1
        self.sequence, self.first = row.sequence, self.position + 1
        try:
            entries = read_entries(row.events)
        except (MsgspecError, TypeError):
            self._is_sure, self._command_end, self.has_events = False, 0, True
            if not is_altered:
                self.report_row("event_altered", "holds events that cannot be read")
            return
        self._is_sure, self.has_events = not is_altered, bool(entries)
        if is_altered:
            self._command_end = 0
        else:
            self._check_positions(row, len(entries))
        self._check_times(row, entries, self._note_places(entries))
        self.position += len(entries)

    def skip(self) -> None:
        """Count a row that cannot be read."""
        self.sequence, self.first, self.has_events = self.sequence + 1, self.position + 1, True
        self._is_sure, self._command_end = False, 0

    def miss(self, next_position: int) -> None:
        """Report that the row after the last one is missing.

        ``next_position`` is that of the first event after it, or one above the last of the log.
        """
        self.is_contiguous = False
        at, missing = self.position + 1, f"row {self.sequence + 1} is missing"
        if next_position > at:
            self._flaws.report(
                "position_gap",
                f"The log has no event at position {at}: {missing}; the next event is at "
                f"{next_position}.", at,
            )
        else:
            self._flaws.report(
                "outcome_missing",
                f"Nothing says what became of a command that was judged after position "
                f"{self.position}: {missing}.", at,
            )

    def check_end(self, position: int) -> None:
        """Report when the last row does not end where the head of the log says."""
        at = self.position + 1
        if self._command_end > self.position:
            self._flaws.report(
                "log_cut_short",
                f"The log ends at position {self.position}, but its last command recorded events "
                f"up to position {self._command_end}.", at,
            )
        elif self._is_sure and position > self.position:
            self.is_contiguous = False
            self._flaws.report(
                "position_gap", f"The log has no event at position {at}, but ends at {position}.",
                at,
            )
        elif self._is_sure and position < self.position:
            self._flaws.report(
                "event_beyond_end",
                f"The log ends at position {position}, but holds an event at position "
                f"{position + 1}.", position + 1,
            )

    def report_row(self, code: str, what: str) -> None:
        """Report a flaw of the last row."""
        last = f" to {self.position}" if self.position > self.first else ""
        self._flaws.report(
            code, f"Row {self.sequence}, at position {self.first}{last}, {what}.", self.first
        )

    # ------------------------------------------------------------------ one row

    def _check_positions(self, row: CommandRow, count: int) -> None:
        first, end = self.first, self.position + count
        if row.first_position != first:
            self.is_contiguous = False
            self._flaws.report(
                "position_gap",
                f"The log has no event at position {first}; the next one is at "
                f"{row.first_position}.", first,
            )
        elif self._command_end > self.position:
            if row.status not in PARTS or row.last_position != end or end > self._command_end:
                self.report_row("event_altered", "is not the part of the command that must follow")
        elif row.last_position < end:
            self.report_row("event_altered", f"has events after position {row.last_position}")
        if self._command_end <= end:
            self._command_end = row.last_position      # parts must follow if it is beyond the end

    def _check_times(self, row: CommandRow, entries: Sequence[Entry], has_own: bool) -> None:
        """Check that times grow; entries that have their ``own`` do not follow from the row's."""
        before, recorded_at = self.recorded_at, row.recorded_at
        if not entries:
            if recorded_at < before:
                self._report_time(self.first, recorded_at)
            self.recorded_at = max(before, recorded_at - 1)
            return
        times = [
            at if entry.recorded_at is None else entry.recorded_at
            for at, entry in enumerate(entries, recorded_at)
        ] if has_own else [recorded_at]
        for position, at in enumerate(times, self.first):
            if at <= before:
                self._report_time(position, at)
            before = at
        self.recorded_at = before if has_own else recorded_at + len(entries) - 1

    def _report_time(self, position: int, recorded_at: int) -> None:
        self._flaws.report(
            "recorded_time_not_increasing",
            f"What stands at position {position} was recorded at {moment(recorded_at)}, not after "
            "what stands before it.", position,
        )

    def _note_places(self, entries: Sequence[Entry]) -> bool:
        """Note where events are; return whether any has a recorded time of its own."""
        places, at, has_own = self.places, self.sequence * MOST_PLACES, False
        for place, entry in enumerate(entries, at):
            stream = entry.stream
            seen = places.get(stream)
            if seen is None:
                seen = places[stream] = array("q")
            seen.append(place)
            if entry.version != len(seen) and self.version_gap is None:
                position = self.first + place - at
                self.version_gap = Flaw(
                    "version_gap",
                    f"The versions of {stream} are not 1, 2, 3 ... without a gap: at position "
                    f"{position} stands {entry.version}, where {len(seen)} must.", position,
                )
            has_own |= entry.recorded_at is not None
        return has_own
