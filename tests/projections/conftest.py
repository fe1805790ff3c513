"""What scenes about read models may ask for: an open shop."""

import pytest

from ledger.store import Ledger
from tests.projections.shop import Shop


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    """Open a shop that sells nothing yet."""
    return Shop(ledger)
