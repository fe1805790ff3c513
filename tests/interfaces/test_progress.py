"""Progress is said where work takes long: how far, how fast, and how long it will still take."""

import time

import pytest

from stocktrail.interfaces.cli.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a clock that stands still until a test moves it."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def said_after(clock: list[float], steps: list[tuple[float, int]], goal: int | None) -> None:
    """Reach one number after the other, so many seconds later each."""
    with Progress("Rebuilding") as told:
        for seconds, done in steps:
            clock[0] += seconds
            told.reach(done, goal)


def test_it_says_how_long_the_rest_will_take(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    said_after(clock, [(1, 1_000), (5, 6_000)], goal=10_000)
    assert capsys.readouterr().err == (
        "Rebuilding: 6,000 of 10,000 events, 1,000 a second, 4 s left\n"
    )


def test_what_was_there_before_does_not_count_as_speed(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    said_after(clock, [(1, 900_000), (10, 900_100)], goal=900_200)
    assert "10 a second, 10 s left" in capsys.readouterr().err


def test_the_first_word_counts_from_the_start(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    said_after(clock, [(10, 500)], goal=None)
    assert capsys.readouterr().err == "Rebuilding: 500 events, 50 a second\n"


def test_nothing_is_said_of_what_is_over_at_once(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    said_after(clock, [(0.5, 500), (0.5, 1_000)], goal=1_000)
    assert capsys.readouterr().err == ""
