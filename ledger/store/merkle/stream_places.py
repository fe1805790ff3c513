"""Whether the index of streams says where the events are, neither more nor less."""

from array import array
from collections.abc import Iterator, Mapping
from itertools import islice

from stocktrail.ledger.store.command_row import IndexRow
from stocktrail.ledger.store.merkle.flaws import Flaw
from stocktrail.ledger.store.merkle.reading import SealedLog
from stocktrail.ledger.store.merkle.row_order import MOST_PLACES

PLACES_AT_ONCE = 5_000

Places = Mapping[str, "array[int]"]
"""Where the events of streams are, in order of version, as the rows have it."""


def index_flaw(log: SealedLog, places: Places, stop: int) -> Flaw | None:
    """Return the first place that the index of streams has wrong, up to a sequence, or ``None``."""
    wanted = _by_stream(places)
    stream, version, is_more = "", 0, True
    while is_more:
        kept = log.places(stream, version, stop, PLACES_AT_ONCE)
        is_more = len(kept) == PLACES_AT_ONCE
        expected = list(islice(wanted, PLACES_AT_ONCE if is_more else None))
        if kept != expected:
            return _first_difference(log, kept, expected)
        if kept:
            stream, version, _, _ = kept[-1]
    beyond = log.places_beyond(stop)
    end = log.head()                             # a writer may have gone on meanwhile
    for stream, version, sequence, _ in beyond:
        if not isinstance(sequence, int) or sequence > end.sequence:
            return _superfluous(stream, version, end.position)
    return None


def _by_stream(places: Places) -> Iterator[IndexRow]:
    for stream in sorted(places):
        for version, at in enumerate(places[stream], start=1):
            yield stream, version, *divmod(at, MOST_PLACES)


def _first_difference(log: SealedLog, kept: list[IndexRow], expected: list[IndexRow]) -> Flaw:
    at = next(
        (at for at, pair in enumerate(zip(kept, expected, strict=False)) if pair[0] != pair[1]),
        min(len(kept), len(expected)),
    )
    if at == len(expected) or expected[at] in kept:
        stream, version, sequence, place = kept[at]
        return _superfluous(stream, version, log.position_of(sequence) + place)
    stream, version, sequence, place = expected[at]
    return Flaw(
        "index_differs", f"The index of streams does not say where version {version} of {stream} "
        "is.", log.position_of(sequence) + place,
    )


def _superfluous(stream: str, version: int, position: int) -> Flaw:
    return Flaw(
        "index_differs", f"The index of streams has version {version} of {stream}, but the log has "
        "none.", position,
    )
