"""Rows of a former log as rows of commands: what belongs together in one row, in the same order.

Positions, versions, ids, payloads and times stay as they were. An outcome stands where it was
decided. Events without one, which the library's own ``save`` stored, get rows of their own.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import msgspec

from stocktrail.ledger.store.command_row import (
    MOST_EVENTS,
    NOTHING,
    CommandRow,
    RowStatus,
    entry_of_bytes,
    part_body,
    write_entries,
)
from stocktrail.ledger.store.outcome import Head, id_as_sent
from stocktrail.ledger.store.upgrade.former_rows import (
    EventRow,
    OutcomeRow,
    damaged,
    damaged_outcome,
)


class CommandRows:
    """Makes rows of commands of events by position and outcomes by number; iterate over it once.

    ``head`` is the end of the log after the row that was yielded last. Raises
    :class:`~stocktrail.ledger.store.errors.StorageError` (``ledger_damaged``) where they do not
    follow each other.
    """

    def __init__(self, events: Iterator[EventRow], outcomes: Iterator[OutcomeRow]) -> None:
        self.head: Head = Head(0, 0)
        self._events = events
        self._outcomes = outcomes
        self._next = next(events, None)

    def __iter__(self) -> Iterator[CommandRow]:
        for outcome in self._outcomes:
            yield from self._parts(outcome.first_position - 1)
            self._require_position(outcome, outcome.first_position - 1)
            yield self._command(outcome)
            yield from self._parts(outcome.last_position)
            self._require_position(outcome, outcome.last_position)
        yield from self._parts(None)

    def _require_position(self, outcome: OutcomeRow, position: int) -> None:
        if self.head.position != position:
            raise damaged_outcome(
                outcome.sequence,
                f"it says that the log was at position {position:,}, and it was at "
                f"{self.head.position:,}",
            )

    def anchor(self, body: bytes) -> CommandRow:
        """Return the row after the last one that holds the roots of the former trees."""
        return self._without_events(0)._replace(status="sealed", body=body)

    def _command(self, outcome: OutcomeRow) -> CommandRow:
        """Return the row of a command, with its events as far as one row holds them."""
        event, last = self._next, outcome.last_position
        has_events = (
            event is not None and event.position <= last
            and event.command_id == id_as_sent(outcome.command_id)
        )
        row = (
            self._with_events(self._run(last)) if has_events
            else self._without_events(_judged_at(outcome.result))
        )
        return row._replace(
            last_position=last, command_id=outcome.command_id, fingerprint=outcome.fingerprint,
            status=cast(RowStatus, outcome.status), body=outcome.body, result=outcome.result,
        )

    def _parts(self, until: int | None) -> Iterator[CommandRow]:
        """Yield the rows of further events up to a position, which have no outcome of their own."""
        while run := self._run(until):
            row, command_id = self._with_events(run), run[0].command_id
            yield row if command_id is None else row._replace(
                status="part", body=part_body(command_id)
            )

    def _run(self, until: int | None) -> list[EventRow]:
        """Take the next events up to a position that one row can hold.

        They are of one command, or were saved at one time.
        """
        run: list[EventRow] = []
        while (event := self._next) is not None and (until is None or event.position <= until):
            if run and (
                len(run) == MOST_EVENTS or _metadata(event) != _metadata(run[0])
                or (event.command_id is None and event.recorded_at != run[-1].recorded_at + 1)
            ):
                break
            run.append(event)
            self._next = next(self._events, None)
            if self._next is not None and self._next.recorded_at <= event.recorded_at:
                raise damaged(
                    self._next.position, "the event there was recorded before the one before it"
                )
        return run

    def _with_events(self, run: Sequence[EventRow]) -> CommandRow:
        """Return the next row, with events that no command is known to have led to."""
        first, last = run[0], run[-1]
        entries = [
            entry_of_bytes(
                event.stream, event.version, event.topic, event.state,
                None if event.occurred_at == first.occurred_at else event.occurred_at,
                None if event.recorded_at == at else event.recorded_at,
            )
            for at, event in enumerate(run, first.recorded_at)
        ]
        self.head = Head(last.position, last.recorded_at, self.head.sequence + 1)
        return CommandRow(
            self.head.sequence, first.position, last.position, first.occurred_at,
            first.recorded_at, None, b"", "saved", b"{}", b"{}", write_entries(entries),
            first.correlation_id, first.causation_id, first.actor,
        )

    def _without_events(self, judged_at: int) -> CommandRow:
        """Return the next row without events: judged after what is before it was recorded.

        And before what follows it was recorded, whatever the clock said.
        """
        position, recorded_at, sequence = self.head
        at = max(recorded_at + 1, judged_at)
        if self._next is not None:
            at = min(at, self._next.recorded_at)
        self.head = Head(position, at - 1, sequence + 1)
        return CommandRow(
            sequence + 1, position + 1, position, at, at, None, b"", "saved", b"{}", b"{}", NOTHING
        )


def _metadata(event: EventRow) -> tuple[str | None, ...]:
    return event.command_id, event.correlation_id, event.causation_id, event.actor


class _Judged(msgspec.Struct):
    """What the result of a refusal says of its time, in some versions."""

    judged_at: int = 0


def _judged_at(result: bytes) -> int:
    """Return when a refusal was judged, as far as its result says so; else 0."""
    try:
        return msgspec.json.decode(result, type=_Judged).judged_at
    except msgspec.DecodeError:      # it was changed: whoever compares the leaves finds it
        return 0
