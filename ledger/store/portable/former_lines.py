"""Lines of a log that was exported in version 1: the events by position, then the outcomes."""

from hashlib import sha256
from typing import Literal

from msgspec import UNSET, Raw, UnsetType

from stocktrail.ledger.store.merkle.former_leaves import former_event_leaf
from stocktrail.ledger.store.portable.lines import Line, moment, payload, read_line, require_leaf
from stocktrail.ledger.store.upgrade.former_rows import EventRow, FormerHead, OutcomeRow

SEALED_VERSION = 2
"""The version of the schema whose logs were exported so."""


class FormerHeader(Line, frozen=True):
    """The header: the counts of everything, and both roots in hexadecimal."""

    format: Literal["stocktrail-log"]
    version: Literal[1]
    events: int
    commands: int
    event_root: str
    command_root: str
    customer_keys: int

    def head(self) -> FormerHead:
        """Return the head of the log; when it was recorded is not in the header."""
        return FormerHead(
            SEALED_VERSION, self.events, bytes.fromhex(self.event_root), self.commands,
            bytes.fromhex(self.command_root),
        )


class _EventLine(Line, frozen=True):
    event: int
    stream: str
    stream_version: int
    type: str
    occurred_at: str
    recorded_at: str
    command_id: str | None
    correlation_id: str | None
    causation_id: str | None
    actor: str | None
    leaf: str
    data: Raw | UnsetType = UNSET
    data_base64: str | UnsetType = UNSET


class _OutcomeLine(Line, frozen=True):
    outcome: int
    command_id: str
    fingerprint: str
    status: str
    first_position: int
    last_position: int
    leaf: str
    command: Raw | UnsetType = UNSET
    command_base64: str | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    result_base64: str | UnsetType = UNSET


def read_former_event(line: bytes) -> EventRow:
    """Return the event in a line. Raises ``ValueError`` with a reason when it was changed."""
    found = read_line(line, _EventLine, "an event")
    state = payload(found.data, found.data_base64)
    event = EventRow(
        found.event, found.stream, found.stream_version, found.type, state,
        moment(found.occurred_at), moment(found.recorded_at), found.command_id,
        found.correlation_id, found.causation_id, found.actor, bytes.fromhex(found.leaf),
    )
    covered, digest = (*event[:4], *event[5:11]), sha256(state).digest()
    require_leaf(lambda: former_event_leaf(covered, digest), found.leaf)
    return event


def read_former_outcome(line: bytes) -> OutcomeRow:
    """Return the outcome in a line. Raises ``ValueError`` with a reason."""
    found = read_line(line, _OutcomeLine, "an outcome")
    return OutcomeRow(
        found.outcome, found.command_id, bytes.fromhex(found.fingerprint), found.status,
        found.first_position, found.last_position, payload(found.command, found.command_base64),
        payload(found.result, found.result_base64), bytes.fromhex(found.leaf),
    )
