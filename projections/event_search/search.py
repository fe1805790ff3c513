"""Searching the log: which of its rows may hold the events of some types, or of some streams.

The index of events names rows by type, as far as the read models go; what is behind them is read
row by row. The index of streams is complete. So a page costs what its own events cost, wherever in
the log they are and however rare, and holds the same events wherever the read models are: whoever
searches picks the events from the rows.
"""

from collections.abc import Iterator, Sequence

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.time_limit import seconds_left
from stocktrail.projections.event_search.posted_rows import PostedRows
from stocktrail.projections.event_search.wanted import Wanted
from stocktrail.projections.models.event_index import BLOCK, block_of

FEWEST_ROWS, MOST_ROWS = 25, 400
"""How many rows are read at once: few at first, because those may be enough."""

SEQUENCES_AT_ONCE = 2_000
"""How many entries of the index of streams are read at once."""

FEW_EVENTS = 2_000
"""Streams with fewer events in all are looked up without trying what comes next in the log."""

TRIED_ROWS = 500
"""How many rows are tried where many streams are wanted: most of them may hold their events."""

_FEWEST_BLOCKS = 16
_FEW_FOUND = 200
_WORTH_NARROWING = 100


class EventSearch:
    """Searches the log of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def forwards(self, wanted: Wanted, after: int, last: int) -> Iterator[list[CommandRow]]:
        """Yield rows that may hold wanted events after a position, in the order of the log.

        ``last`` is the sequence of the last row that is looked at.
        """
        with translate_errors(self._ledger.where):
            yield from _Search(self._ledger, wanted, after, last=last).rows()

    def backwards(self, wanted: Wanted, until: int, above: int) -> Iterator[list[CommandRow]]:
        """Yield rows that may hold wanted events, from a position on down, the last row first."""
        with translate_errors(self._ledger.where):
            yield from _Search(self._ledger, wanted, above, until=until).rows()


class _Search:
    """One search between two rows of the log, in one direction."""

    def __init__(
        self, ledger: Ledger, wanted: Wanted, above: int, *, until: int | None = None, last: int = 0
    ) -> None:
        self._log = ledger.log_recorder
        self._wanted = wanted
        self._is_backwards = until is not None
        self._first = max(self._log.sequence_at(above), 1)
        self._last = last if until is None else self._log.sequence_at(until)
        self._from = above if until is None else until
        self._posted = PostedRows(ledger)
        self._types = wanted.searched_types or frozenset()
        self._is_posted = bool(self._types) or wanted.actor is not None

    def rows(self) -> Iterator[list[CommandRow]]:
        """Yield the rows that may hold wanted events."""
        size = FEWEST_ROWS
        for sequences in self._sequences():
            start = 0
            while start < len(sequences):
                seconds_left()
                rows = self._log.rows_at(sequences[start : start + size])
                yield rows[::-1] if self._is_backwards else rows
                start += size
                size = min(2 * size, MOST_ROWS)

    def _sequences(self) -> Iterator[Sequence[int]]:
        wanted = self._wanted
        if wanted.searched_types == frozenset():
            return iter(())
        if wanted.one_stream is not None:
            return self._of_stream(wanted.one_stream)
        if wanted.streams is not None:
            return self._of_named_streams(sorted(wanted.streams))
        return self._of_streams() if wanted.ranges else self._of_types()

    # ------------------------------------------------------------------ by type

    def _of_types(self) -> Iterator[Sequence[int]]:
        if not self._is_posted:
            yield self._every(self._first, self._last)
            return
        posted = min(self._posted.end(), self._last)
        behind = self._every(max(self._first, posted + 1), self._last)
        if self._is_backwards:
            yield behind
        yield from self._posted_between(self._first, posted)
        if not self._is_backwards:
            yield behind

    def _every(self, first: int, last: int) -> Sequence[int]:
        return range(last, first - 1, -1) if self._is_backwards else range(first, last + 1)

    def _posted_between(self, first: int, last: int) -> Iterator[Sequence[int]]:
        """Yield posted sequences, from ever wider windows for as long as few are found."""
        blocks = _FEWEST_BLOCKS
        while first <= last:
            if self._is_backwards:
                begin, end = max(first, (block_of(last) - blocks + 1) * BLOCK), last
            else:
                begin, end = first, min(last, (block_of(first) + blocks) * BLOCK - 1)
            found = self._posted.between(self._types, begin, end, self._wanted.actor)
            if found is None:                    # other read models have taken their place
                yield self._every(first, last)
                return
            yield found[::-1] if self._is_backwards else found
            if self._is_backwards:
                last = begin - 1
            else:
                first = end + 1
            if len(found) < _FEW_FOUND:
                blocks *= 4

    # ------------------------------------------------------------------ by stream

    def _of_stream(self, stream: str) -> Iterator[Sequence[int]]:
        """Yield the sequences of one stream, which is read by version."""
        version, limit = self._log.version_at(stream, self._from), SEQUENCES_AT_ONCE
        while True:
            found = self._log.sequences_of_stream(
                stream, version, limit, backwards=self._is_backwards
            )
            sequences = dict.fromkeys(sequence for _, sequence in found)
            within = [each for each in sequences if self._first <= each <= self._last]
            yield self._narrowed(within)
            if len(found) < limit or len(within) < len(sequences):
                return
            version = found[-1][0] - 1 if self._is_backwards else found[-1][0]
            limit *= 4                           # few of them may hold events of the types

    def _of_streams(self) -> Iterator[Sequence[int]]:
        """Yield the sequences of many streams: the next rows, in case they hold many, or by index.

        The index has them in the order of names, so all that follow are looked at to find the next;
        ever more are taken at once, in case few of them hold events of the types.
        """
        ranges = self._wanted.ranges
        if not all(self._log.has_fewer_events(*each, FEW_EVENTS) for each in ranges):
            if self._wanted.is_whole_category:
                yield from self._of_types()
                return
            left = TRIED_ROWS
            for sequences in self._of_types():
                some = sequences[:left]
                yield some
                if some:
                    left -= len(some)
                    self._go_on_from(some[-1])
                if not left:
                    break
            else:
                return
        limit = SEQUENCES_AT_ONCE
        while True:
            found = self._log.sequences_of_streams(
                ranges, self._first, self._last, limit, backwards=self._is_backwards
            )
            yield self._narrowed(list(dict.fromkeys(found)))
            if len(found) < limit:
                return
            self._go_on_from(found[-1])
            limit *= 4

    def _of_named_streams(self, streams: Sequence[str]) -> Iterator[Sequence[int]]:
        """Yield the sequences of streams that are wanted by name, such as a customer's orders."""
        limit = SEQUENCES_AT_ONCE
        while True:
            found = self._log.sequences_of_names(
                streams, self._first, self._last, limit, backwards=self._is_backwards
            )
            yield self._narrowed(found)
            if len(found) < limit:
                return
            self._go_on_from(found[-1])
            limit *= 4

    def _go_on_from(self, sequence: int) -> None:
        if self._is_backwards:
            self._last = sequence - 1
        else:
            self._first = sequence + 1

    def _narrowed(self, sequences: list[int]) -> list[int]:
        """Leave out rows of streams that hold no event of the types, where there are many."""
        wanted = self._wanted
        if len(sequences) < _WORTH_NARROWING or not (wanted.types or wanted.actor):
            return sequences             # every type that streams may have is no filter
        end = self._posted.end()
        known = [each for each in sequences if each <= end]
        types = self._types if wanted.types else ()
        kept = self._posted.among(types, known, wanted.actor) if known else []
        return sorted(
            [*kept, *(each for each in sequences if each > end)], reverse=self._is_backwards
        )
