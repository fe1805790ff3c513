"""What tests of the command line may ask for."""

from pathlib import Path

import pytest

from tests.interfaces.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Give a terminal about a database that does not exist yet."""
    return Terminal(tmp_path / "shop.db")


@pytest.fixture
def shop(terminal: Terminal) -> Terminal:
    """Give a terminal about a shop that has 25 widgets and sells no more than that."""
    answer = terminal.submit(
        {"command": "register-product", "sku": "WIDGET"},
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 25},
    )
    assert answer.status == 0, answer.out
    return terminal
