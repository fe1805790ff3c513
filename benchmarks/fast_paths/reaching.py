"""What sums in blocks save in a long queue: units before a place, against adding them up."""

from collections.abc import Iterator
from itertools import accumulate, islice

from benchmarks.fast_paths.timing import FastPath
from stocktrail.ledger.waiting_units import WaitingUnits

LINES, TIMES = 100_000, 100


def reaching_paths() -> Iterator[FastPath]:
    """Yield what it costs to find which line a receipt reaches, and to put a line in between."""
    units = WaitingUnits(((5, number), 2) for number in range(LINES))
    plain = [2] * LINES

    def put() -> None:
        units.put((5, LINES / 2 + 0.5), 2)
        units.take_out((5, LINES / 2 + 0.5))

    def insert() -> None:
        plain.insert(LINES // 2, 2)
        del plain[LINES // 2]

    yield FastPath(
        "units reach before a place", lambda: sum(islice(plain, LINES // 2)),
        lambda: units.before((5, LINES // 2)), 1, TIMES,
    )
    yield FastPath(
        "units reach a line",
        lambda: next(at for at, until in enumerate(accumulate(plain)) if until > LINES),
        lambda: units.at(LINES), 1, TIMES,
    )
    yield FastPath("units put where others reach", insert, put, 1, TIMES)
