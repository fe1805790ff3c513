"""Shorter waits for a while, so that lost replies cost an episode little."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from stocktrail.ledger.store.postgres import connection, datastore, pipeline

SILENCE_SECONDS = 0.4
"""Short enough that a busy machine is now and then taken for silence; who races may see that."""


@contextmanager
def short_waits() -> Iterator[None]:
    """Let writers of this process notice sooner that a server is silent.

    A seed that is to repeat must not depend on how busy the machine is: it keeps the waits that the
    program has.
    """
    with ExitStack() as changed:
        changed.enter_context(patch.object(connection, "SILENCE_SECONDS", SILENCE_SECONDS))
        changed.enter_context(patch.object(pipeline, "_CHECK_MILLISECONDS", 50))
        changed.enter_context(patch.object(datastore, "RECONNECT_SECONDS", 5))
        yield
