"""A day under faults holds; the same seed is the same day; and a disk that lies is found out."""

import pytest

from simulation.__main__ import main
from simulation.disk.files import Disk
from simulation.plan import Plan
from simulation.running import run_episode
from simulation.shrinking import shrunken

FOUND_BEFORE = (0, 7, 13, 16)
"""Seeds of what was found once: a journal that came back, a commit read before it was synced."""


@pytest.mark.parametrize("seed", FOUND_BEFORE)
def test_whatever_befalls_it_the_shop_is_what_its_log_says(seed: int) -> None:
    report = run_episode(Plan(seed, commands=120))
    assert report.violation is None
    assert report.commands >= 120
    assert sum(report.faults.values())


def test_a_seed_is_always_the_same_day() -> None:
    once, again = run_episode(Plan(5, commands=80)), run_episode(Plan(5, commands=80))
    assert once.digest == again.digest
    assert once.faults == again.faults


def test_a_disk_that_does_not_sync_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "sync", lambda disk, file: None)
    reports = (run_episode(Plan(seed, commands=80)) for seed in range(40))
    found = next(report for report in reports if report.violation is not None)
    assert found.faults["power"]
    least = shrunken(found)
    assert least.violation is not None
    assert least.plan.commands <= found.plan.commands


def test_the_command_line_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3", "--commands", "40"]) == 0
    assert "seeds 3 to 3: " in capsys.readouterr().out
