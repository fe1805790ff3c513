"""The units of systemd: verified, hardened alike, with settings and times of the service."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stocktrail.interfaces.service.setting_names import SETTING_NAMES
from stocktrail.interfaces.service.settings import ServiceSettings
from tests.deploy import DEPLOY, ROOT, assigned

UNITS = DEPLOY / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
MOST_EXPOSED = 15
"""The exposure that is allowed, in tenths: systemd-analyze calls up to 2.0 safe."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


def lines_of(unit: Path, *, without: str = "") -> list[str]:
    """Return the lines of a unit that set something, without those of some names."""
    names = tuple(f"{name}=" for name in without.split())
    return [
        line for line in unit.read_text().splitlines()
        if line and not line.startswith("#") and not (names and line.startswith(names))
    ]


def hardening_of(unit: Path) -> list[str]:
    """Return the lines that say what a unit may do to the machine."""
    lines = lines_of(unit)
    return lines[lines.index("UMask=0077"):lines.index("SystemCallErrorNumber=EPERM") + 1]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder with the units, whose programs are there on every machine."""
    for unit in (*SERVICES, *UNITS.glob("*.timer")):
        text = re.sub(r"^(ExecStart=)\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name.replace("@.", "@1.1.0.")).write_text(text)
    return tmp_path


@needs_systemd
def test_systemd_finds_nothing_wrong(installed: Path) -> None:
    units = sorted(str(unit) for unit in installed.iterdir())
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{installed}:"}, check=False,
    )
    ours = [line for line in found.stderr.splitlines() if "stocktrail" in line]
    assert (ours, found.returncode) == ([], 0)


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_little_is_exposed(installed: Path, unit: Path) -> None:
    found = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}",
         "--no-pager", installed / unit.name.replace("@.", "@1.1.0.")],
        capture_output=True, text=True, check=False,
    )
    assert found.returncode == 0, found.stdout.splitlines()[-1]


def test_the_page_installs_what_the_units_start() -> None:
    page = (ROOT / "docs" / "how-to" / "deploy.md").read_text()
    named = re.findall(r"deploy/[\w./@*-]*\w", page)
    assert [name for name in named if not list(ROOT.glob(name))] == []
    for unit in SERVICES:
        [start] = [line for line in lines_of(unit) if line.startswith("ExecStart=")]
        program = Path(start.partition("=")[2].split()[0].replace("-%i", ""))
        assert f"{program.parent}/" in page or f"{program.parent.parent} " in page, unit.name


def test_all_are_hardened_alike() -> None:
    assert len(SERVICES) == 4
    assert len({tuple(hardening_of(unit)) for unit in SERVICES}) == 1


def test_the_next_release_runs_as_the_present_one_does() -> None:
    differing = "Description EnvironmentFile ExecStart"
    assert lines_of(UNITS / "stocktrail@.service", without=differing) == lines_of(
        UNITS / "stocktrail.service", without=differing
    )


def test_it_has_the_time_to_end() -> None:
    [stop] = [line for line in lines_of(UNITS / "stocktrail.service") if "TimeoutStop" in line]
    assert int(stop.partition("=")[2]) > ServiceSettings(_env_file=None).shutdown_seconds


def test_the_settings_that_are_shown_are_known_and_ask_for_tokens() -> None:
    shown = assigned((UNITS / "stocktrail.env").read_text().splitlines())
    assert shown.keys() <= SETTING_NAMES
    assert shown["STOCKTRAIL_HTTP_REQUIRE_TOKEN"] == "true"
    assert shown["STOCKTRAIL_HTTP_HOST"] == "127.0.0.1"
