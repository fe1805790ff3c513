"""Export, import and backup on the command line: files, pipes, and what is told when it fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.interfaces.terminal import Terminal


def root(terminal: Terminal) -> str:
    """Return the root that an export names."""
    return str(json.loads(terminal.type("export").out.partition("\n")[0])["root"])


def test_a_log_goes_to_a_file_and_back(shop: Terminal, tmp_path: Path) -> None:
    file = str(tmp_path / "shop.jsonl")
    told = shop.ask("export", file)
    other = Terminal(tmp_path / "other.db")
    found = other.ask("import", file)
    assert (found["events"], found["root"]) == (told["events"], told["root"]) == (2, root(other))
    assert other.ask("stock", "WIDGET") == shop.ask("stock", "WIDGET")
    assert other.type("verify").status == 0


def test_a_log_goes_through_a_pipe(shop: Terminal, tmp_path: Path) -> None:
    written = shop.type("export")
    assert (written.status, written.err) == (0, "")
    assert [row.get("row") for row in written.rows] == [None, 1, 2]
    other = Terminal(tmp_path / "other.db")
    answer = other.type("import", "-", stdin=written.out.encode())
    assert answer.out.startswith("2 events and 2 commands were imported.\nRoot: ")
    assert other.type("export").out == written.out


def test_what_cannot_be_imported_is_told_in_a_sentence(shop: Terminal, tmp_path: Path) -> None:
    written = shop.type("export").out.encode()
    into_itself = shop.type("import", "-", "--json", stdin=written)
    assert (into_itself.status, json.loads(into_itself.err)["code"]) == (3, "ledger_not_empty")
    other = Terminal(tmp_path / "other.db")
    cut = other.type("import", "-", "--json", stdin=written[:-50])
    error = json.loads(cut.err)
    assert (cut.status, error["code"], error["line"]) == (4, "bad_export", 3)
    assert error["message"].startswith("Standard input, line 3: ")
    missing = other.type("import", str(tmp_path / "nothing.jsonl"))
    assert missing.status == 1
    assert "No such file" in missing.err
    assert other.type("import", "-", stdin=written).status == 0


def test_a_refused_import_leaves_nothing_behind(shop: Terminal, tmp_path: Path) -> None:
    written = shop.type("export").out.encode()
    (tmp_path / "new").mkdir()
    other = Terminal(tmp_path / "new" / "other.db")
    for broken in (written[:-50], b"", written.replace(b"WIDGET", b"GADGET")):
        assert other.type("import", "-", stdin=broken).status == 4
        assert list(other.database.parent.iterdir()) == []
    assert other.type("import", "-", stdin=written).status == 0
    assert list(other.database.parent.iterdir()) == [other.database]
    assert other.database.stat().st_mode & 0o777 == 0o600


def test_what_a_killed_export_left_behind_goes_with_the_next(
    shop: Terminal, tmp_path: Path
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        killed.wait(timeout=60)
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / f".shop.jsonl.stocktrail-{killed.pid}").touch()
    (folder / f".shop.jsonl.stocktrail-{os.getppid()}").touch()
    shop.ask("export", str(folder / "shop.jsonl"))
    assert sorted(each.name for each in folder.iterdir()) == [
        f".shop.jsonl.stocktrail-{os.getppid()}", "shop.jsonl",
    ], "what a process that is there still writes stays"


def test_a_backup_is_opened_like_any_ledger(shop: Terminal, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    answer = shop.type("backup", str(copy))
    assert answer.said.startswith(f"{copy} is a copy of the database at position 2. ")
    assert Terminal(copy).ask("stock", "WIDGET") == shop.ask("stock", "WIDGET")
    again = shop.type("backup", str(copy), "--json")
    assert (again.status, json.loads(again.err)["code"]) == (3, "file_exists")
    nowhere = shop.type("backup", str(tmp_path / "nowhere" / "copy.db"))
    assert nowhere.status == 1
    assert f"{tmp_path / 'nowhere' / 'copy.db'}: No such file or directory" in nowhere.err
