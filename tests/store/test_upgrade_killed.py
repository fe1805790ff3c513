"""An upgrade that is killed at any moment leaves the ledger as it was, and can be repeated."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.upgrade_ledger import upgrade_ledger
from tests.interfaces.terminal import ROOT
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.scenarios.older import END, older_database
from tests.store.former_ledgers import put_on_server, write_golden
from tests.store.shop import table
from tests.store.test_upgrade import former_log_of, log_of

Server = PostgresServer | ServerElsewhere

UPGRADE = """
import os, signal, sys
from stocktrail.ledger.store.upgrade_ledger import upgrade_ledger
from stocktrail.ledger.store.upgrade import upgrading
upgrading.PAGE_ROWS = 50

def kill_at(position, _):
    print(position, flush=True)
    if position >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

upgrade_ledger(sys.argv[1], kill_at)
"""


def upgrading(url: str, until: int = 1 << 40) -> "subprocess.Popen[bytes]":
    """Start an upgrade in a process of its own, which kills itself behind a position."""
    return subprocess.Popen(
        [sys.executable, "-c", UPGRADE, url, str(until)], cwd=ROOT, stdout=subprocess.PIPE
    )


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Return the file of a ledger that a former version wrote."""
    path = tmp_path / "older.db"
    path.write_bytes(older_database())
    return path


@pytest.mark.parametrize("until", [1, END // 2, END - 200])
def test_a_file_is_as_it_was_when_its_upgrade_is_killed(older: Path, until: int) -> None:
    before, url = former_log_of(older), f"sqlite:///{older}"
    with upgrading(url, until) as killed:
        killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert former_log_of(older) == before
    assert upgrade_ledger(url)
    with open_ledger(url) as ledger:
        assert log_of(ledger) == before


def test_a_file_is_whole_whenever_its_upgrade_is_killed(older: Path, tmp_path: Path) -> None:
    before = former_log_of(older)
    chance = random.Random(7)
    ended = set()
    for attempt in range(6):
        path = tmp_path / f"{attempt}.db"
        path.write_bytes(older.read_bytes())
        with upgrading(f"sqlite:///{path}") as killed:
            assert killed.stdout is not None
            places = iter(killed.stdout)
            last = chance.choice([0, END // 2, END - 100, END - 100])
            while int(next(places, b"%d" % END)) < last:
                pass
            threading.Event().wait(chance.random() * 0.2)
            killed.kill()
        with closing(sqlite3.connect(path)) as file:
            [(version,)] = file.execute("PRAGMA user_version").fetchall()
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ended.add(version)
        if version == 2:
            assert former_log_of(path) == before
        with open_ledger(f"sqlite:///{path}") as ledger:
            assert log_of(ledger) == before
    assert 2 in ended


def test_a_schema_is_as_it_was_when_its_upgrade_is_killed(
    postgres: Server, postgres_url: str, older: Path
) -> None:
    before = former_log_of(older)
    put_on_server(postgres, postgres_url, older, 2)
    with upgrading(postgres_url, END // 2) as killed:
        killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert table(postgres_url, "SELECT schema_version FROM ledger_format") == [(2,)]
    assert table(postgres_url, "SELECT count(*) FROM stored_events") == [(END,)]
    assert upgrade_ledger(postgres_url)
    with open_ledger(postgres_url) as ledger:
        assert log_of(ledger) == before


def test_a_log_that_is_written_to_meanwhile_is_waited_for(
    postgres: Server, postgres_url: str, tmp_path: Path
) -> None:
    write_golden(tmp_path / "former.db", 2)
    put_on_server(postgres, postgres_url, tmp_path / "former.db", 2)
    with postgres.connect() as connection, connection.transaction():
        schema = postgres_url.rpartition("schema=")[2].partition("&")[0]
        connection.execute(f'UPDATE "{schema}".ledger_head SET fence = fence + 1'.encode())
        waiting = threading.Thread(target=upgrade_ledger, args=[postgres_url])
        waiting.start()
        waiting.join(1.0)
        assert waiting.is_alive()
    waiting.join(30.0)
    assert not waiting.is_alive()
    assert table(postgres_url, "SELECT schema_version FROM ledger_format") == [(3,)]


def test_of_two_upgrades_at_once_one_finds_nothing_to_do(older: Path) -> None:
    before, url = former_log_of(older), f"sqlite:///{older}"
    with upgrading(url) as one, upgrading(url) as other:
        one.communicate()
        other.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    with open_ledger(url) as ledger:
        assert log_of(ledger) == before
