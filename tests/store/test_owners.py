"""Owners of leases: who was killed has lost its own at once, and no other machine can tell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stocktrail.ledger.store.side_tables import owners
from stocktrail.ledger.store.side_tables.owners import is_dead, new_owner
from tests.waiting import wait_until


def test_a_killed_process_holds_no_lease_though_its_parent_has_not_asked_after_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        holder = owned_by(process.pid)
        assert not is_dead(holder)
        process.kill()
        wait_until(lambda: is_dead(holder), "it is dead")
        assert process.returncode is None


def test_of_two_machines_with_one_name_neither_takes_the_other_for_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        holder = owned_by(process.pid)
    assert is_dead(holder)
    other = tmp_path / "boot_id"
    other.write_text("another boot\n")
    monkeypatch.setattr(owners, "BOOT", other)
    assert not is_dead(holder)
    assert is_dead(owned_by(process.pid))


def owned_by(process: int) -> str:
    """Return the owner that another process of this machine is."""
    return new_owner().replace(f"|{os.getpid()}|", f"|{process}|")
