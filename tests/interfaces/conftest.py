"""What tests of the command line may ask for."""

import signal
from pathlib import Path

import pytest

from tests.interfaces.terminal import Terminal

# Started in the background, this process ignores interrupts, and what it starts would too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def nobody_says_how_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget how wide the screen is on which the tests were started."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a terminal about a database that does not exist yet."""
    return Terminal(tmp_path / "shop.db")


@pytest.fixture
def shop(terminal: Terminal) -> Terminal:
    """Return a terminal about a shop that has 25 widgets and sells no more than that."""
    answer = terminal.submit(
        {"command": "register-product", "sku": "WIDGET"},
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 25},
    )
    assert answer.status == 0, answer.out
    return terminal
