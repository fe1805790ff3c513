"""Databases that cannot be used: a sentence with a code, exit status 5, and nothing half done."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interfaces.terminal import ROOT, Terminal

RECEIVE = ("receive-stock", "--sku", "WIDGET", "--quantity", "1")
QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("stock",), ("stock", "WIDGET"), ("availability", "WIDGET", "--quantity", "1"), ("low-stock",),
    ("notices",), ("order", "SO-1"), ("history", "WIDGET"), ("explain", "stock", "WIDGET"),
    ("explain", "order", "SO-1"), ("events",), ("verify",), ("rebuild",), ("status",),
    ("token", "list"), ("token", "revoke", "t-1"), ("webhook-secret", "shop"),
    ("test-webhook", "shop"), ("replay-webhook", "shop", "--after", "0"),
)


def storage_code(terminal: Terminal, *words: str) -> str:
    """Type something that the database must fail, and give the code of the error."""
    answer = terminal.type(*words, "--json")
    assert (answer.status, answer.out) == (5, "")
    error = json.loads(answer.err)
    assert error["message"].endswith(".")
    return str(error["code"])


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_question_never_creates_a_database(
    terminal: Terminal, question: tuple[str, ...]
) -> None:
    assert storage_code(terminal, *question) == "ledger_not_found"
    assert list(terminal.database.parent.iterdir()) == []


@pytest.mark.parametrize("words", [("stock",), ("status",), RECEIVE], ids=" ".join)
def test_a_database_of_another_program_is_left_alone(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    other = sqlite3.connect(terminal.database)
    other.execute("CREATE TABLE contacts (name TEXT)")
    other.commit()
    other.close()
    before = terminal.database.read_bytes()
    assert storage_code(terminal, *words) == "not_a_ledger"
    assert terminal.database.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(terminal: Terminal) -> None:
    terminal.database.write_bytes(b"Dear diary, " * 1000)
    assert storage_code(terminal, "stock") == "not_a_ledger"
    assert storage_code(terminal, *RECEIVE) == "not_a_ledger"
    assert terminal.database.read_bytes() == b"Dear diary, " * 1000


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("shop.db", "bad_database_url"),
        ("mysql://localhost/shop", "bad_database_url"),
        ("sqlite:///", "bad_database_url"),
        ("sqlite:////nowhere/at/all/shop.db", "ledger_not_found"),
        ("sqlite:////", "not_a_ledger"),
    ],
)
def test_a_url_that_names_no_database(terminal: Terminal, url: str, code: str) -> None:
    terminal.url = url
    assert storage_code(terminal, *RECEIVE) == code


def test_a_full_disk_records_nothing_and_the_same_script_can_be_sent_again(
    shop: Terminal, tmp_path: Path
) -> None:
    command = {"command": "receive-stock", "sku": "WIDGET", "quantity": 1, "reason": "r" * 900}
    script = tmp_path / "many.jsonl"
    script.write_text((json.dumps(command) + "\n") * 3000, encoding="utf-8")
    full = run_with_pages(shop, 600, "submit", str(script))
    assert full.returncode == 5, full.stderr
    assert b"[storage_full]" in full.stderr
    assert b"Traceback" not in full.stderr
    recorded = shop.ask("status")["head"] - 2
    assert 0 < recorded < 3000
    asked = run_with_pages(shop, 1, "stock", "WIDGET", "--json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["on_hand"] == {"default": 25 + recorded}
    assert shop.ask("verify")["ok"] is True
    again = shop.type("submit", str(script), "--json")
    statuses = [row["status"] for row in again.rows]
    assert (again.status, statuses.count("duplicate")) == (0, recorded)
    assert shop.ask("stock", "WIDGET")["on_hand"] == {"default": 3025}


def run_with_pages(
    shop: Terminal, pages: int, *words: str
) -> "subprocess.CompletedProcess[bytes]":
    """Type something in a process where the shop may not grow beyond so many pages."""
    limited = (
        "import sqlite3, sys\n"
        "connect = sqlite3.connect\n"
        "def narrow(*arguments, **options):\n"
        "    connection = connect(*arguments, **options)\n"
        "    if 'shop.db' in str((arguments, options)):\n"
        f"        connection.execute('PRAGMA max_page_count={pages}')\n"
        "    return connection\n"
        "sqlite3.connect = narrow\n"
        "from stocktrail.interfaces.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", limited, *words, "--database", shop.url],
        capture_output=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_the_database_is_named_by_the_environment_or_by_env_file(
    shop: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stocktrail.interfaces.cli.session import Session

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("STOCKTRAIL_DATABASE_URL", raising=False)
    assert Session(None, as_json=False).database_url == "sqlite:///stocktrail.db"
    Path(".env").write_text(f"STOCKTRAIL_DATABASE_URL={shop.url}\n", encoding="utf-8")
    assert Session(None, as_json=False).database_url == shop.url
    monkeypatch.setenv("STOCKTRAIL_DATABASE_URL", "sqlite:///by-environment.db")
    assert Session(None, as_json=False).database_url == "sqlite:///by-environment.db"
    assert Session("sqlite:///by-flag.db", as_json=False).database_url == "sqlite:///by-flag.db"


def test_verify_names_the_first_difference_and_rebuild_mends_it(shop: Terminal) -> None:
    shop.ask("stock")
    tampered = sqlite3.connect(shop.database)
    tables = [
        name for (name,) in tampered.execute("SELECT name FROM sqlite_master WHERE type='table'")
        if "source_item" in name
    ]
    tampered.execute(f"UPDATE {tables[0]} SET on_hand = on_hand + 1")
    tampered.commit()
    tampered.close()
    found = shop.type("verify")
    assert found.status == 64                    # the bit of the read models
    assert "WIDGET" in found.out
    assert shop.type("rebuild").status == 0
    assert shop.ask("verify")["ok"] is True
