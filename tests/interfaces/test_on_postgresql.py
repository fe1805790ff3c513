"""The command line on a PostgreSQL server answers as it does on a file."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from stocktrail.interfaces.cli import main
from stocktrail.ledger.store import open_ledger
from tests.interfaces.terminal import Terminal
from tests.postgres_server import PostgresServer, ServerElsewhere

QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("stock",), ("stock", "WIDGET"), ("availability", "WIDGET", "--quantity", "1"), ("low-stock",),
    ("notices",), ("order", "SO-1"), ("explain", "order", "SO-1"), ("verify",),
    ("backorders", "--by", "item"), ("backorders", "--by", "customer"),
)


@pytest.fixture
def on_server(tmp_path: Path, postgres_url: str) -> Terminal:
    """Return a terminal about a ledger on a server that does not exist yet."""
    terminal = Terminal(tmp_path / "unused.db")
    terminal.url = postgres_url
    return terminal


def open_shop(terminal: Terminal) -> None:
    """Sell more than there is of one item."""
    answer = terminal.submit(
        {"command": "register-product", "sku": "WIDGET", "occurred_at": "2026-01-05T08:00:00Z"},
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 25,
         "occurred_at": "2026-01-05T08:00:00Z"},
        {"command": "set-backorder-policy", "backorders": "allow", "sku": "WIDGET",
         "occurred_at": "2026-01-05T08:00:00Z"},
        {"command": "place-order", "order": "SO-1", "customer": "C-1",
         "lines": [{"sku": "WIDGET", "quantity": 30}], "occurred_at": "2026-01-05T09:00:00Z"},
    )
    assert (answer.status, answer.err) == (0, "")


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_question_is_answered_as_on_a_file(
    terminal: Terminal, on_server: Terminal, question: tuple[str, ...]
) -> None:
    answers = []
    for each in (terminal, on_server):
        open_shop(each)
        assert each.type("rebuild").status == 0
        answer = each.ask(*question)
        if question == ("verify",):
            del answer["digests"], answer["root"]    # recorded times differ
        answers.append(_without_times(answer))
    assert answers[0] == answers[1]


def _without_times(answer: object) -> object:
    if isinstance(answer, dict):
        return {
            name: _without_times(value) for name, value in answer.items()
            if not name.endswith(("_at", "since", "recorded"))
        }
    return [_without_times(each) for each in answer] if isinstance(answer, list) else answer


def test_the_status_shows_no_password_and_says_what_may_be_lost(on_server: Terminal) -> None:
    open_shop(on_server)
    on_server.url = on_server.url.replace("postgres@", "postgres:secret@")
    status = on_server.type("status")
    assert status.status == 0, status.err
    assert "secret" not in status.out
    assert "synchronous_standby_names is empty" in status.out
    assert "secret" not in on_server.ask("status")["database"]


def asked(question: str) -> Any:
    """Ask the database that the environment names."""
    out = io.StringIO()
    with redirect_stdout(out):
        assert main([question, "--json"]) == 0
    return json.loads(out.getvalue())


def test_a_replica_answers_questions_and_its_lag_is_shown(
    postgres: PostgresServer | ServerElsewhere, on_server: Terminal, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second ledger stands for a replica that has fallen behind."""
    open_shop(on_server)
    behind = f"sqlite:///{tmp_path / 'behind.db'}"
    open_ledger(behind).close()
    monkeypatch.setenv("STOCKTRAIL_DATABASE_URL", on_server.url)
    monkeypatch.setenv("STOCKTRAIL_REPLICA_URL", behind)
    by_environment = asked("status")
    assert by_environment["replica"] == {"database": behind, "head": 0, "lag": 5}
    assert by_environment["head"] == 5
    assert by_environment["read_models"][0]["position"] in (0, 5)
    stock = asked("stock")
    assert stock["rows"] == [], "the replica was asked"
