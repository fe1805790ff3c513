"""A run is compared with the last one that was accepted, and says what became slower."""

import json
from pathlib import Path

import pytest

from benchmarks.performance import __main__ as command
from benchmarks.performance.comparison import accepted_for, compare
from benchmarks.performance.counting import PASSES, Measurement, Way
from benchmarks.performance.figures import BARE_ROW, FIGURES, MOST_PASSES, SHOP, write_shop
from benchmarks.performance.run_line import ACCEPTED, RunLine, accept, accepted_runs, machine


def run(
    *, on: str = "here", python: str = "3.11.7", way: Way = "instructions", commit: str = "abc",
    **ratios: float,
) -> RunLine:
    """Make up a run; a bare row takes a thousand instructions."""
    figures = {name: Measurement(ratio * 1_000, ratio) for name, ratio in ratios.items()}
    return RunLine("2026-11-30T04:15:00+00:00", commit, on, python, way, figures)


ACCEPTED_RUN = run(order=27.0, line=3.2)


@pytest.mark.parametrize(("order", "verdict"), [
    (27.0, "HOLDS"), (29.6, "HOLDS"), (29.8, "WARNS"), (33.7, "WARNS"), (33.8, "FAILS"),
    (24.4, "HOLDS"), (24.2, "FASTER"), (80.0, "FAILS"),
])
def test_a_tenth_more_warns_and_a_quarter_more_fails(order: float, verdict: str) -> None:
    compared, other = compare(run(order=order, line=3.2), ACCEPTED_RUN)
    assert (compared.verdict.name, other.verdict.name) == (verdict, "HOLDS")


def test_what_became_slower_is_told_with_the_command_that_shows_it(
    capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.judge(run(order=33.75, line=3.6), [ACCEPTED_RUN], is_whole=True) == 0
    assert command.judge(run(order=40.5, line=3.2), [ACCEPTED_RUN], is_whole=True) == 1
    said = capsys.readouterr().out
    assert "warns   order: 33.75, accepted 27.00 (+25.0%)." in said
    assert "warns   line: 3.60, accepted 3.20 (+12.5%)." in said
    assert (
        "fails   order: 40.50, accepted 27.00 (+50.0%). Measure it again with "
        "`python -m benchmarks.performance \"order\"`." in said
    )
    assert "holds   line: 3.20, accepted 3.20 (+0.0%)." in said
    assert "Compared with commit abc of 2026-11-30" in said


def test_a_figure_that_is_new_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    now = run(order=27.0, line=3.2, page=2.5)
    assert command.judge(now, [ACCEPTED_RUN], is_whole=True) == 0
    assert "new     page: 2.50, measured for the first time." in capsys.readouterr().out


def test_a_figure_that_nobody_measures_any_more_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.judge(run(order=27.0), [ACCEPTED_RUN], is_whole=True) == 1
    assert "fails   line: accepted at 3.20, and not measured" in capsys.readouterr().out
    assert command.judge(run(order=27.0), [ACCEPTED_RUN], is_whole=False) == 0


@pytest.mark.parametrize("now", [
    run(on="elsewhere", order=80.0), run(python="3.14.0", order=80.0),
])
def test_by_figures_of_another_machine_nothing_fails(
    now: RunLine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.judge(now, [ACCEPTED_RUN], is_whole=True) == 0
    said = capsys.readouterr().out
    assert "another machine or Python" in said
    assert "warns   order: 80.00" in said


def test_the_last_run_of_this_machine_counts() -> None:
    accepted = [
        run(commit="1", order=20.0), run(commit="2", order=30.0), run(commit="3", on="elsewhere"),
        run(commit="4", way="processor time"),
    ]

    def compared_with(now: RunLine) -> str | None:
        found = accepted_for(now, accepted)
        return None if found is None else found.commit

    assert compared_with(run(order=1.0)) == "2"
    assert compared_with(run(python="3.11.9", order=1.0)) == "2"
    assert compared_with(run(on="a third")) == "3"
    assert compared_with(run(way="processor time")) == "4"
    assert accepted_for(run(way="processor time"), accepted[:3]) is None


def test_before_any_run_was_accepted_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.judge(run(order=27.0), [], is_whole=True) == 0
    assert "make performance ACCEPT=yes" in capsys.readouterr().out


def test_an_accepted_run_is_a_line_that_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "accepted.jsonl"
    assert accepted_runs(path) == []
    for each in (ACCEPTED_RUN, run(order=26.0)):
        accept(each, path)
    assert accepted_runs(path) == [ACCEPTED_RUN, run(order=26.0)]
    first, _ = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["figures"]["order"] == {"ratio": 27.0, "each": 27_000.0}


def test_what_is_accepted_here_can_be_read() -> None:
    names = {figure.name for figure in FIGURES}
    for each in accepted_runs(ACCEPTED):
        assert {*each.figures} <= names
    assert machine().startswith(("Linux", "Darwin", "Windows"))


def test_every_figure_can_be_measured_more_than_once(tmp_path: Path) -> None:
    write_shop(tmp_path)
    shop = (tmp_path / SHOP).read_bytes()
    for figure in (BARE_ROW, *FIGURES):
        folder = tmp_path / figure.name
        folder.mkdir()
        (folder / SHOP).write_bytes(shop)
        work = figure.prepare(folder)
        for _ in range(2):
            work()
    assert MOST_PASSES > PASSES


@pytest.mark.parametrize(("arguments", "why"), [
    (["order eaten"], "there is no figure 'order eaten'"),
    (["--accept", "order decided"], "a run is accepted as a whole"),
])
def test_what_cannot_be_measured_or_accepted_is_refused(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert why in capsys.readouterr().err
