"""``deploy/backup.sh``: a backup is made, tried, and only then are old ones let go."""

import os
import subprocess
from pathlib import Path

import pytest

from stocktrail.interfaces.cli import main
from stocktrail.ledger.store import open_ledger
from tests.deploy import BIN, DEPLOY


def back_up(url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the script as the unit of systemd does."""
    return subprocess.run(
        [DEPLOY / "backup.sh", *words], capture_output=True, text=True, check=False,
        env={"PATH": f"{BIN}:{os.defpath}", "STOCKTRAIL_DATABASE_URL": url},
    )


def test_a_backup_is_tried_before_old_ones_are_let_go(
    database_url: str, tmp_path: Path
) -> None:
    main(["register-product", "--sku", "LAMP", "--database", database_url])
    old, recent, other = (
        tmp_path / name
        for name in ("stocktrail-20200101T000000Z.backup", "stocktrail-new.backup", "notes.txt")
    )
    for path, days in ((old, 15), (recent, 3), (other, 99)):
        path.write_text("a backup of before")
        age = path.stat().st_mtime - days * 86_400
        os.utime(path, (age, age))
    done = back_up(database_url, str(tmp_path), "14")
    assert (done.returncode, done.stderr) == (0, "")
    made = Path(done.stdout.splitlines()[-1])
    assert [path for path in (old, recent, other, made) if path.exists()] == [recent, other, made]
    assert made.stat().st_mode & 0o777 == 0o600
    assert "All is well: 1 events" in done.stdout
    restored = f"sqlite:///{made}"
    if database_url.startswith("postgresql"):
        restored = f"sqlite:///{tmp_path / 'again'}"
        assert main(["import", str(made), "--database", restored]) == 0
    with open_ledger(restored) as ledger:
        assert ledger.head().position == 1


@pytest.mark.parametrize("words", [(), ("/nowhere/at/all",)])
def test_one_that_fails_lets_nothing_go(
    sqlite_url: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with open_ledger(sqlite_url):
        done = back_up(sqlite_url, *words)
    assert done.returncode != 0
    assert done.stderr
