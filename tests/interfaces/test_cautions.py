"""Cautions: what is unsafe or without effect is said once, and carried out all the same."""

import json
import sqlite3
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from stocktrail.feeds.settings import NoticeSettings, WebhookSettings
from stocktrail.interfaces.cli.settings import CommandLineSettings
from stocktrail.interfaces.service.setting_names import SETTING_NAMES
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store.sqlite import version as sqlite_version
from tests.feeds.serving import Server
from tests.interfaces.terminal import Terminal


def names_of(settings: type[BaseSettings]) -> set[str]:
    """Return the variables that settings are read from."""
    prefix = str(settings.model_config["env_prefix"])
    return {f"{prefix}{name}".upper() for name in settings.model_fields}


def test_every_setting_is_known_by_name() -> None:
    read: list[type[BaseSettings]] = [
        CommandLineSettings, WebhookSettings, NoticeSettings, ServiceSettings
    ]
    assert set().union(*(names_of(settings) for settings in read)) == SETTING_NAMES


# ------------------------------------------------------------------ settings that nobody knows


def test_a_misspelt_setting_is_said_with_the_one_that_was_meant(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKTRAIL_HTTP_ALOWED_HOSTS", "[]")
    monkeypatch.setenv("STOCKTRAIL_TEST_SOMETHING", "is ours")
    answer = terminal.type("register-product", "--sku", "A")
    assert answer.status == 0
    assert answer.err.count("Take care:") == 1
    assert "STOCKTRAIL_HTTP_ALOWED_HOSTS sets nothing. Did you mean " in answer.err
    assert "STOCKTRAIL_HTTP_ALLOWED_HOSTS? [unknown_setting]" in answer.err


def test_what_stands_in_a_file_is_looked_at_too(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("# STOCKTRAIL_NOTE=1\nOTHER=1\nexport STOCKTRAIL_COLOUR=red\n")
    answer = terminal.type("register-product", "--sku", "A", "--json")
    assert answer.status == 0
    (said,) = map(json.loads, answer.err.splitlines())
    assert said == {"event": "caution", "level": "warning", "code": "unknown_setting",
                    "message": "STOCKTRAIL_COLOUR sets nothing. There is no such setting."}


# ------------------------------------------------------------------ passwords


@pytest.mark.parametrize("words", [
    ["--database", "postgresql://ann:secret@127.0.0.1:9/shop"],
    ["--database=postgresql://ann:secret@127.0.0.1:9/shop"],
])
def test_a_password_on_the_command_line_is_warned_about(
    words: list[str], terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    from stocktrail.interfaces.cli import main

    assert main(["stock", *words]) == 5
    said = capsys.readouterr().err
    assert said.count("[password_on_command_line]") == 1
    assert "STOCKTRAIL_DATABASE_URL" in said
    assert "secret" not in said


def test_a_password_in_the_environment_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from stocktrail.interfaces.cli import main

    monkeypatch.setenv("STOCKTRAIL_DATABASE_URL", "postgresql://ann:secret@127.0.0.1:9/shop")
    assert main(["stock"]) == 5
    assert "password_on_command_line" not in capsys.readouterr().err


def test_neither_is_a_url_without_one(capsys: pytest.CaptureFixture[str]) -> None:
    from stocktrail.interfaces.cli import main

    assert main(["stock", "--database", "postgresql://ann@127.0.0.1:9/shop"]) == 5
    assert "Take care" not in capsys.readouterr().err


def test_the_password_of_a_nats_server_is_warned_about(terminal: Terminal) -> None:
    terminal.type("register-product", "--sku", "A")
    answer = terminal.type(
        "publish", "nats", "--server", "nats://ann:secret@127.0.0.1:9", "--stream", "S", "--once"
    )
    assert answer.status == 5
    assert answer.err.count("[password_on_command_line]") == 1


# ------------------------------------------------------------------ SQLite


@pytest.fixture
def has_bug() -> bool:
    """Return whether the SQLite of this Python has the bug."""
    return sqlite_version.has_wal_reset_bug(sqlite3.sqlite_version_info)


def test_status_says_once_that_sqlite_is_to_be_upgraded(terminal: Terminal, has_bug: bool) -> None:
    terminal.type("register-product", "--sku", "A")
    answer = terminal.type("status")
    assert answer.said.count("WAL-reset bug") == has_bug
    assert answer.said.count("3.51.3 or later") == has_bug
    assert len(terminal.ask("status").get("may_lose", [])) == has_bug


def test_serve_says_it_once_too(sqlite_url: str, has_bug: bool) -> None:
    server = Server(sqlite_url)
    server.start()
    assert server.interrupt()[1] == []
    assert [caution.count("WAL-reset bug") for caution in server.cautions] == [1] * has_bug
