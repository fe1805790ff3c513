"""Results for people: what a command recorded, or why it was refused."""

import sys
from collections.abc import Iterator

from stocktrail.commands.scripts.named_errors import named
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.interfaces.cli.wording import flag_named, moment, plain


def show_result(result: Result) -> None:
    """Write the result of one command: what it recorded to stdout, why it was refused to stderr."""
    if result.status in DONE:
        for line in happened(result):
            print(plain(line))
    else:
        for line in refused(result):
            print(plain(line), file=sys.stderr)


def happened(result: Result) -> Iterator[str]:
    """Return what a command recorded."""
    if result.judged_at is not None:
        yield f"Dry run at position {result.judged_at}: this would happen, nothing was recorded."
    elif result.status == "duplicate":
        yield f"Known already under the id {result.id}; nothing was done twice. It had led to:"
    for recorded in result.recorded:
        yield f"{recorded.originator_id}: {recorded.payload.sentence}"
    if not result.recorded:
        yield "Nothing changed: it was so already."
    yield from result.messages
    if result.judged_at is None:
        yield f"The ledger is at position {result.position}." if result.status == "accepted" else (
            f"That was at position {result.position}."
        )


def refused(result: Result) -> Iterator[str]:
    """Return why a command was not recorded, one sentence per reason, naming the flag or field."""
    if result.status == "invalid":
        for error in result.errors:
            yield f"{as_flag(error['pointer'], error['message'])} [{error['code']}]"
        yield from more_errors(result)
    elif result.status == "skipped":
        yield "Not tried, because an earlier command was not recorded."
    else:
        dry = "" if result.judged_at is None else f"Dry run at position {result.judged_at}: "
        yield f"{dry}{result.message} [{result.code}]{told_again(result)}"


def told_again(result: Result) -> str:
    """Return when a repeated refusal was first decided, or an empty text for a new one.

    Refusals recorded by an earlier version have no time.
    """
    if result.first_judged_at is None:
        return ""
    time = moment(result.first_judged_at["time"])
    return (
        f" This was judged at position {result.first_judged_at['position']}"
        f"{f', {time}' if time else ''}, and not again now: a new try needs a new id."
    )


def more_errors(result: Result) -> Iterator[str]:
    """Return how many more errors there are than those that are named, if any."""
    rest = named(result.errors).total - len(result.errors)
    if rest > 0:
        yield f"There {'is 1 more error' if rest == 1 else f'are {rest:,} more errors'}."


def as_flag(pointer: str, message: str) -> str:
    """Return the flag that a JSON pointer is about, instead of the field.

    >>> as_flag("/from_source", "from_source: must not contain control characters.")
    '--from-source: must not contain control characters.'
    >>> as_flag("/lines/0/quantity", "lines.0.quantity is missing.")
    '--lines: lines.0.quantity is missing.'
    """
    field = pointer[1:].partition("/")[0]
    if not field:
        return message
    flag = flag_named(field)
    if message.startswith((f"{field} ", f"{field}: ")):
        return f"{flag}{message.removeprefix(field)}"
    return f"{flag}: {message}"
