"""The demo: it runs, is verified, leaves its database behind and never touches another."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stocktrail.interfaces.cli import main
from stocktrail.interfaces.cli.demo_database import demo_database
from stocktrail.interfaces.cli.failures import STORAGE, WENT_WRONG
from tests.interfaces.terminal import ROOT, with_patience
from tests.waiting import wait_until


def test_it_runs_end_to_end_and_never_overwrites_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("stocktrail-demo.db").write_bytes(b"mine")
    assert main(["demo"]) == 0
    told = capsys.readouterr().out
    assert "The ledger of this demo is stocktrail-demo-2.db" in told
    assert "1,853 commands accepted" in told
    for heading in ("What may still be sold?", "What is short?", "Who waits?", "What is low?"):
        assert heading in told
    for heading in ("By item:", "By customer:", "By vendor:", "What is to be ordered?"):
        assert heading in told
    assert "Whom does it hit? 4 customers, and nobody else:" in told
    assert "harbour strike" in told
    assert "So 30 of the Chang are ordered elsewhere" in told
    assert "NW-02: purchase order NW-PO-01 line 1, expected on 1998-06-08: 15 are waited" in told
    assert "Only 5 left" in told
    assert "Low stock was noticed once." in told
    assert "all of them agree." in " ".join(told.split())
    assert "What to try next" in told
    assert Path("stocktrail-demo.db").read_bytes() == b"mine"
    url = "sqlite:///stocktrail-demo-2.db"
    assert main(["stock", "WIDGET", "--database", url]) == 0
    assert main(["notices", "--database", url]) == 0
    assert "Purchase order NW-PO-01" in capsys.readouterr().out
    assert main(["demo", "--database", url]) == 1
    assert "[already_exists]" in capsys.readouterr().err


def left_in(folder: Path) -> set[str]:
    """Return what lies in a folder."""
    return {each.name for each in folder.iterdir()}


def running_demo(folder: Path, *, most_blocks: int | None = None) -> "subprocess.Popen[bytes]":
    """Start a demo in a folder, where no file may become larger than so many blocks."""
    limit = "" if most_blocks is None else f"ulimit -f {most_blocks}; "
    return subprocess.Popen(
        ["sh", "-c", f'{limit}exec "$0" -m stocktrail demo', sys.executable], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_a_demo_that_fails_leaves_no_database_behind(tmp_path: Path) -> None:
    with running_demo(tmp_path, most_blocks=600) as demo, with_patience(demo):
        _, told = demo.communicate()
    assert demo.returncode == STORAGE, told
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize("told_to_end", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_demo_that_is_told_to_end_leaves_no_database_behind(
    tmp_path: Path, told_to_end: signal.Signals
) -> None:
    with running_demo(tmp_path) as demo, with_patience(demo):
        beside = tmp_path / "stocktrail-demo.db-wal"
        wait_until(lambda: beside.exists(), "the demo wrote to its database")
        demo.send_signal(told_to_end)
        demo.wait()
    assert demo.returncode == 128 + told_to_end
    assert left_in(tmp_path) == set()


def test_what_was_there_before_is_never_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("stocktrail-demo.db-wal").write_bytes(b"left by another")
    Path("stocktrail-demo-2.db").symlink_to("not-there.db")
    mine = left_in(tmp_path)
    with demo_database(None) as url:
        assert url == "sqlite:///stocktrail-demo-3.db"
    for taken in ("stocktrail-demo.db", "stocktrail-demo-2.db"):
        assert main(["demo", "--database", f"sqlite:///{taken}"]) == WENT_WRONG
        assert "[already_exists]" in capsys.readouterr().err
    assert left_in(tmp_path) == {*mine, "stocktrail-demo-3.db"}


def test_where_nothing_can_be_written_the_demo_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--database", f"sqlite:///{tmp_path}/nowhere/demo.db"]) == STORAGE
    assert "[ledger_not_found]" in capsys.readouterr().err
    assert left_in(tmp_path) == set()
