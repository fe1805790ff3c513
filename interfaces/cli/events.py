"""The log itself, event by event, and as it grows."""

import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, Failure
from stocktrail.interfaces.cli.question_flags import ALL_ROWS
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.wording import moment, plain, shortened
from stocktrail.ledger.instant import to_iso

if TYPE_CHECKING:
    from stocktrail.ledger.base.aggregate import RecordedEvent
    from stocktrail.ledger.store import Ledger
    from stocktrail.projections.event_search.wanted import Wanted

_SECONDS_BETWEEN_LOOKS = 0.5


def events(
    *,
    after: Annotated[int, Parameter(help="Only events above this position.")] = 0,
    limit: Annotated[int | None, Parameter(help="At most so many.")] = None,
    type: Annotated[str | None, Parameter(help="Such as OrderPlaced.")] = None,
    stream: Annotated[str | None, Parameter(help="Such as order/SO-1, or order/*.")] = None,
    actor: Annotated[str | None, Parameter(help="Only what this one sent.")] = None,
    customer: Annotated[
        str | None, Parameter(help="Only of this customer, and of the customer's orders.")
    ] = None,
    command: Annotated[
        str | None, Parameter(help="Only what the command with this id led to.")
    ] = None,
    since: Annotated[
        str | None, Parameter(help="Only what was recorded from this day or time on.")
    ] = None,
    until: Annotated[
        str | None, Parameter(help="Only what was recorded by the end of this day, or by a time.")
    ] = None,
    follow: Annotated[
        bool, Parameter(help="Go on as the log grows, until interrupted.", negative=())
    ] = False,
    all: ALL_ROWS = False,
    session: SessionArgument,
) -> int:
    """The log itself, event by event."""
    from stocktrail.commands.scripts.results import event_as_json
    from stocktrail.projections.event_search.event_filter import EventFilter
    from stocktrail.projections.spelling import known_stream, spelling_in

    if after < 0 or (limit is not None and limit < 0):
        raise Failure(INVALID, "negative", "--after and --limit must not be less than 0.")
    if follow and (customer or command or until):
        raise Failure(
            INVALID, "bad_filter", "--follow goes on for ever: leave out --customer, --command and "
            "--until.",
        )
    _require_type(type)
    with session.read_models(caught_up=customer is not None) as models:
        ledger = models.ledger
        _require_position(ledger, after)
        narrowed = EventFilter(
            type=type or "", stream=known_stream(ledger, stream) if stream else "",
            actor=actor or "", command=command or "", since=since or "", until=until or "",
            customer=spelling_in(ledger, "customer", customer) if customer else "",
        )
        above, last = narrowed.positions(ledger)
        wanted = narrowed.wanted(models)
        found = filter(wanted.picks, _log(
            ledger, max(after, above), wanted, last=None if follow else last
        ))
        if session.as_csv:
            _write_csv(islice(found, limit))
        elif session.as_json:
            for recorded in islice(found, limit):
                session.write_json_line(event_as_json(recorded))
        elif follow or all or limit is not None:
            for recorded in islice(found, limit):
                sys.stdout.write(_line(recorded))
        else:
            _write_page(found)
    return 0


def _write_csv(found: "Iterable[RecordedEvent]") -> None:
    from stocktrail.interfaces.cli.csv_answers import write_csv
    from stocktrail.interfaces.service.csv_table import header_of
    from stocktrail.projections.answers.narrative import event_with_sentence
    from stocktrail.projections.answers.shapes.events import ToldEvent

    write_csv(header_of(ToldEvent), map(event_with_sentence, found))


def _write_page(found: "Iterator[RecordedEvent]") -> None:
    """Write as many events as people see of any list, and how to see those that follow."""
    from stocktrail.interfaces.cli.paged_answers import ROWS_SHOWN

    last = 0
    for recorded in islice(found, ROWS_SHOWN):
        sys.stdout.write(_line(recorded))
        last = recorded.position
    if next(found, None) is not None:
        sys.stdout.write(
            f"The first {ROWS_SHOWN} are shown. The next: --after {last}; all of them: --all.\n"
        )


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
    ledger: "Ledger", after: int, wanted: "Wanted", *, last: int | None
) -> Iterator["RecordedEvent"]:
    """Yield events that may be wanted, up to a ``last`` position; without one wait for more."""
    from stocktrail.ledger.store.recorded_events import recorded_events
    from stocktrail.projections.event_search.search import EventSearch

    search = EventSearch(ledger)
    while True:
        head = ledger.head()
        end, sequence = head.position, head.sequence
        if last is not None and last < end:
            end, sequence = last, ledger.log_recorder.sequence_at(last)
        for rows in search.forwards(wanted, after, sequence) if end > after else ():
            for row in rows:
                yield from (each for each in recorded_events(row) if after < each.position <= end)
        if last is not None:
            return
        if end > after:
            after = end
            continue
        _require_position(ledger, after)         # it may have been replaced by a shorter one
        sys.stdout.flush()
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _line(recorded: "RecordedEvent") -> str:
    sentence = plain(f"{recorded.originator_id}: {recorded.payload.sentence}")
    return f"{recorded.position:>8}  {moment(to_iso(recorded.occurred_at))}  {sentence}\n"
