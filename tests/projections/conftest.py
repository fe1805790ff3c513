"""What scenes about read models may ask for: an open shop."""

import pytest

from stocktrail.ledger.store import Ledger
from tests.projections.purchasing import Purchasing
from tests.projections.shop import Shop


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    """Open a shop that sells nothing yet."""
    return Shop(ledger)


@pytest.fixture
def purchasing(ledger: Ledger) -> Purchasing:
    """Open a shop on day 0 that carries item A, and sells more of it than it has."""
    shop = Purchasing(ledger)
    shop.allow_backorders()
    shop.carry_none("A")
    return shop
