"""The log itself, event by event, and as it grows."""

import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, Failure
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.wording import moment, plain, shortened
from stocktrail.ledger.instant import to_iso

if TYPE_CHECKING:
    from stocktrail.ledger.base.aggregate import RecordedEvent
    from stocktrail.ledger.store import Ledger

_AT_ONCE = 1000
_SECONDS_BETWEEN_LOOKS = 0.5


def events(
    *,
    after: Annotated[int, Parameter(help="Only events above this position.")] = 0,
    limit: Annotated[int | None, Parameter(help="At most so many.")] = None,
    type: Annotated[str | None, Parameter(help="Such as OrderPlaced.")] = None,
    stream: Annotated[str | None, Parameter(help="Such as order/SO-1.")] = None,
    follow: Annotated[
        bool, Parameter(help="Go on as the log grows, until interrupted.", negative=())
    ] = False,
    session: SessionArgument,
) -> int:
    """The log itself, event by event."""
    from stocktrail.commands.scripts.results import event_as_json
    from stocktrail.projections.spelling import known_stream

    if after < 0 or (limit is not None and limit < 0):
        raise Failure(INVALID, "negative", "--after and --limit must not be less than 0.")
    _require_type(type)
    with session.open_to_read() as ledger:
        _require_position(ledger, after)
        stream = None if stream is None else known_stream(ledger, stream)
        wanted = (
            recorded for recorded in _log(ledger, after, stream, follow=follow)
            if type is None or recorded.payload.__class__.__name__ == type
        )
        for recorded in islice(wanted, limit):
            if session.as_json:
                session.write_json_line(event_as_json(recorded))
            else:
                sys.stdout.write(_line(recorded))
    return 0


def _require_type(type: str | None) -> None:
    from stocktrail.ledger.catalogue import CATALOGUE

    known = CATALOGUE.names()
    if type is not None and type not in known:
        raise Failure(
            INVALID, "unknown_type",
            f"There is no type of event named {shortened(type)}; they are {', '.join(known)}.",
        )


def _require_position(ledger: "Ledger", after: int) -> None:
    from stocktrail.ledger.refusal import Refusal

    head = ledger.head().position
    if after > head:
        raise Refusal(
            "unknown_position",
            f"The ledger ends at position {head}; nothing comes after position {after} yet.",
            position=after, head=head,
        )


def _log(
    ledger: "Ledger", after: int, stream: str | None, *, follow: bool
) -> Iterator["RecordedEvent"]:
    version = 0
    while True:
        if stream is None:
            batch = ledger.read(after, _AT_ONCE)
        else:
            batch = ledger.read_stream(stream, after_version=version)
        for recorded in batch:
            if recorded.position > after:
                yield recorded
        if batch:
            version = batch[-1].originator_version
            after = max(after, batch[-1].position)
        elif not follow:
            return
        else:
            _require_position(ledger, after)     # it may have been replaced by a shorter one
            sys.stdout.flush()
            time.sleep(_SECONDS_BETWEEN_LOOKS)


def _line(recorded: "RecordedEvent") -> str:
    sentence = plain(f"{recorded.originator_id}: {recorded.payload.sentence}")
    return f"{recorded.position:>8}  {moment(to_iso(recorded.occurred_at))}  {sentence}\n"
