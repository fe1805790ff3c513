"""Timing of two ways to do the same work, in turns."""

from collections.abc import Callable
from statistics import median
from time import process_time
from typing import NamedTuple

ROUNDS = 9

Work = Callable[[], object]


class FastPath(NamedTuple):
    """Two ways to do ``units`` of the same work; each call of either does all of them."""

    name: str
    plain: Work
    fast: Work
    units: int
    repeats: int = 1
    rounds: int = ROUNDS
    clock: Callable[[], float] = process_time


def timed(work: Work, path: FastPath) -> float:
    """Return the microseconds that one unit takes, by the path's clock."""
    began = path.clock()
    for _ in range(path.repeats):
        work()
    return (path.clock() - began) * 1e6 / path.units / path.repeats


def report(path: FastPath) -> None:
    """Time both sides, and print a line."""
    path.plain()
    path.fast()
    plain: list[float] = []
    fast: list[float] = []
    noise = []
    for number in range(path.rounds):
        sides = [(path.plain, plain), (path.fast, fast)]
        for work, times in sides if number % 2 else sides[::-1]:
            times.append(timed(work, path))
        noise.append(plain[-1] / timed(path.plain, path))
    ratios = [one / other for one, other in zip(plain, fast, strict=True)]
    print(
        f"{path.name:34}{median(plain):11.2f}{median(fast):11.2f}{median(ratios):8.2f}"
        f"   {min(noise):.2f}-{max(noise):.2f}", flush=True,
    )
