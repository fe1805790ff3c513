"""``stocktrail upgrade``: a ledger of a former version is brought to the present format."""

from pathlib import Path

import pytest

from tests.interfaces.terminal import Terminal
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.store.former_ledgers import GOLDEN, put_on_server, write_golden

VERSION_2 = GOLDEN / "version_2"


@pytest.fixture(params=["sqlite", "postgresql"])
def former(
    request: pytest.FixtureRequest, terminal: Terminal, postgres: PostgresServer | ServerElsewhere,
    tmp_path: Path,
) -> Terminal:
    """Return a terminal about a ledger that a former version wrote."""
    if request.param == "sqlite":
        write_golden(terminal.database, 2)
        return terminal
    terminal.url = request.getfixturevalue("postgres_url")
    write_golden(tmp_path / "former.db", 2)
    put_on_server(postgres, terminal.url, tmp_path / "former.db", 2)
    return terminal


def test_it_says_what_was_done_and_then_that_nothing_is_to_be_done(former: Terminal) -> None:
    done = former.type("upgrade")
    assert (done.status, done.err) == (0, "")
    assert "is now in the present format, up to position 48." in done.said
    again = former.type("upgrade")
    assert "is up to date." in again.said
    assert done.said[done.said.index("Root:"):] == again.said[again.said.index("Root:"):]
    assert former.ask("upgrade") | {"database": "", "root": ""} == {
        "database": "", "upgraded": False, "position": 48, "root": "",
    }


def test_what_was_signed_and_proven_before_is_verified_as_before(former: Terminal) -> None:
    former.type("upgrade")
    key = str(VERSION_2 / "verifier.key")
    for name in ("old", "new"):
        checkpoint = str(VERSION_2 / f"{name}.checkpoint")
        found = former.type("verify", "--checkpoint", checkpoint, "--key", key)
        assert (found.status, "The log extends 1 checkpoint." in found.said) == (0, True)
    for name in ("inclusion", "without_payload", "consistency"):
        proof = str(VERSION_2 / f"{name}.proof")
        assert former.type("verify-proof", proof, "--key", key).status == 0


def test_there_must_be_a_ledger(terminal: Terminal) -> None:
    answer = terminal.type("upgrade")
    assert (answer.status, "[ledger_not_found]" in answer.err) == (5, True)
    assert not terminal.database.exists()
