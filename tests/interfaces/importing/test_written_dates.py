"""Days and moments as the files of shops write them; what can be read in two ways is refused."""

from datetime import date

import pytest

from stocktrail.interfaces.importing.dates import read_day, read_moment


@pytest.mark.parametrize("written", [
    "2026-12-01", "2026/12/1", "2026.12.01", "20261201", "1 Dec 2026", "01-Dec-26",
    "1. December 2026",
    "Dec 1, 2026", "December 1st, 2026", "Tue, 1 Dec 2026", "2026-12-01T00:00:00Z",
    "2026-12-01 23:59:59", "Dec 1, 2026, 10:22:33 AM",
])
def test_a_day_that_can_be_read_in_one_way_only_needs_no_order(written: str) -> None:
    assert read_day(written) == date(2026, 12, 1)


@pytest.mark.parametrize("written", ["25.12.2026", "12/25/2026", "25-12-2026"])
def test_a_figure_beyond_12_is_a_day(written: str) -> None:
    assert read_day(written) == date(2026, 12, 25)


def test_the_same_figure_twice_is_one_day_either_way() -> None:
    assert read_day("05.05.2026") == date(2026, 5, 5)


@pytest.mark.parametrize("written", ["01.12.2026", "1/12/2026", "01-12-2026", "01.12.2026 10:00"])
def test_figures_that_may_be_two_days_are_refused_until_somebody_says_which(written: str) -> None:
    with pytest.raises(ValueError, match="2026-12-01 where the day comes first and 2026-01-12"):
        read_day(written)
    assert read_day(written, "day-first") == date(2026, 12, 1)
    assert read_day(written, "month-first") == date(2026, 1, 12)


def test_a_year_of_two_digits_needs_the_order_too() -> None:
    with pytest.raises(ValueError, match="--dates day-first"):
        read_day("25.12.26")
    assert read_day("25.12.26", "day-first") == date(2026, 12, 25)


@pytest.mark.parametrize(
    "written",
    ["", "TBD", "KW 50", "45384", "2026-12", "1/2/3", "10:30", "2026-12-01 noon", "x" * 99],
)
def test_what_names_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no date that can be read"):
        read_day(written)


@pytest.mark.parametrize("written", ["31.02.2026", "2026-13-01", "13.13.2026", "12/25/2026"])
def test_a_day_that_the_calendar_lacks_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no day of the calendar"):
        read_day(written, "day-first")


@pytest.mark.parametrize(("written", "meant"), [
    ("2026-03-01 10:27:45 -0400", "2026-03-01T10:27:45-04:00"),
    ("2026-03-01T10:27:45.5Z", "2026-03-01T10:27:45.500000+00:00"),
    ("2026-03-01 10:27:45 UTC", "2026-03-01T10:27:45+00:00"),
    ("Mar 1, 2026, 12:05 AM", "2026-03-01T00:05:00"),
    ("2026-03-01", "2026-03-01T00:00:00"),
])
def test_a_moment_keeps_the_offset_that_it_is_written_with(written: str, meant: str) -> None:
    assert read_moment(written).isoformat() == meant


@pytest.mark.parametrize("written", ["2026-03-01 25:00", "2026-03-01 13:00 PM"])
def test_a_time_that_no_clock_shows_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="has no time of day"):
        read_moment(written)
