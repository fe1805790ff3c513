"""What tests of the feeds may ask for."""

from collections.abc import Iterator

import pytest

from tests.feeds.receiver import Receiver, receiving
from tests.interfaces.api.conftest import api as api
from tests.interfaces.api.conftest import quiet as quiet
from tests.store.conftest import workers as workers


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver that takes everything."""
    with receiving() as listening:
        yield listening
