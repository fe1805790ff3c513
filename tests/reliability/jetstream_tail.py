"""R17: JetStream loses the end of the stream, and the copy goes on where the stream now ends.

The last messages are deleted, or the whole server falls back to an earlier copy of its folder, as
when a machine lost what was not synced. The publisher is killed before, at a moment of its own.
"""

import random
import shutil
import time
from contextlib import ExitStack, closing
from pathlib import Path

from stocktrail.ledger.store import Ledger, open_ledger
from tests.feeds.nats_server import NatsServer
from tests.feeds.test_nats import publish, publishing
from tests.reliability.trial import FILE, FreshDatabase, ReliabilityTrial
from tests.store.shop import order, send, stocked

LOSSES = 3
ORDERS = 60


def jetstream_tail(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Lose the end of the stream again and again; count how often that was."""
    chance = random.Random(seed)
    lost = 0
    server = NatsServer(folder / "jetstream")
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(open_ledger(database.url)))
        send(ledger, stocked("A", quantity=100_000))
        server.start()
        stack.callback(server.kill)
        publish(ledger, server)
        for loss in range(LOSSES):
            earlier = _kept(server, folder / f"earlier-{loss}")
            with closing(publishing(database.url, server)) as publisher:
                send(ledger, [order(f"SO-{loss}-{number}", "A") for number in range(ORDERS)])
                time.sleep(chance.uniform(0, 1))
                publisher.kill()
            lost += _lose(server, earlier, ledger, chance) > 0
            assert publish(ledger, server) == ledger.head().position
            _assert_copy(ledger, server)
    return lost


def _kept(server: NatsServer, copy: Path) -> Path:
    """Copy the folder of the server as a machine might keep it: while nothing is written."""
    server.kill()
    shutil.copytree(server.folder, copy)
    server.start()
    return copy


def _lose(server: NatsServer, earlier: Path, ledger: Ledger, chance: random.Random) -> int:
    """Let the server lose some of its last messages; return how many."""
    is_deleted = chance.random() < 0.5
    if not is_deleted or chance.random() < 0.5:
        publish(ledger, server)
    before = len(server.positions())
    if is_deleted:
        server.delete_last(chance.randint(1, before - 1))
    server.kill()
    if not is_deleted:
        shutil.rmtree(server.folder)
        shutil.copytree(earlier, server.folder)
    server.start()
    return before - len(server.positions())


def _assert_copy(ledger: Ledger, server: NatsServer) -> None:
    """See that the stream is the log: no position missing, none twice, and its events."""
    stored = server.stored()
    log = list(ledger.read(0, 100_000))
    assert [(int(each.event["sequence"]), each.event["subject"]) for each in stored] == [
        (event.position, event.originator_id) for event in log
    ]
    sequences = [each.sequence for each in stored]
    assert sequences == sorted(set(sequences))


TRIALS = [
    ReliabilityTrial(
        "R17", "JetStream loses the end of the stream, and the publisher is killed",
        "the stream is the log: no position missing, none twice", "losses", 100, jetstream_tail,
        FILE,
    ),
]
