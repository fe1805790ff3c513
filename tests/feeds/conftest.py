"""What tests of the feeds may ask for."""

from collections.abc import Iterator

import pytest

from stocktrail.ledger.store import Ledger
from tests.commands.scenes import given
from tests.feeds.receiver import Receiver, receiving
from tests.feeds.webhook_scenes import Desk, registered
from tests.interfaces.api.conftest import api as api
from tests.store.conftest import workers as workers


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver that takes everything."""
    with receiving() as listening:
        yield listening


@pytest.fixture
def desk(ledger: Ledger, receiver: Receiver) -> Desk:
    """Return a ledger with three items and a webhook that hears of everything."""
    desk = Desk(ledger)
    given(ledger, *registered("A", "B", "C"))
    desk.create(receiver.url)
    return desk
