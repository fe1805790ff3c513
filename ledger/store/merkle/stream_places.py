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
    wanted, beyond = _by_stream(places), 0
    stream, version, is_more = "", 0, True
    while is_more:
        page = log.places(stream, version, PLACES_AT_ONCE)
        is_more = len(page) == PLACES_AT_ONCE
        if page:
            stream, version, _, _ = page[-1]
        kept = [each for each in page if each[2] <= stop]
        if len(kept) < len(page):                # a writer may have gone on meanwhile
            beyond = max(beyond, *(each[2] for each in page))
        expected = list(islice(wanted, len(kept) if is_more else None))
        if kept != expected:
            return _first_difference(log, kept, expected)
    if beyond > log.head().sequence:
        return Flaw(
            "index_differs",
            f"The index of streams has an event in row {beyond}, but there is no such row.",
            log.head().position,
        )
    return None


def _by_stream(places: Places) -> Iterator[IndexRow]:
    for stream in sorted(places):
        for version, at in enumerate(places[stream], start=1):
            yield stream, version, at // MOST_PLACES, at % MOST_PLACES


def _first_difference(log: SealedLog, kept: list[IndexRow], expected: list[IndexRow]) -> Flaw:
    at = next(
        (at for at, pair in enumerate(zip(kept, expected, strict=False)) if pair[0] != pair[1]),
        min(len(kept), len(expected)),
    )
    found, wanted = (rows[at] if at < len(rows) else None for rows in (kept, expected))
    if wanted is not None and (found is None or wanted[:2] <= found[:2]):
        (stream, version, sequence, place), what = wanted, "is not where the index of streams says"
    else:
        assert found is not None
        (stream, version, sequence, place), what = found, "is in the index of streams, but nowhere"
    rows = log.rows(sequence - 1, sequence, 1)
    position = rows[0][0].first_position + place if rows else log.head().position
    return Flaw("index_differs", f"Version {version} of {stream} {what}.", position)
