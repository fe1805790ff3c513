"""R9: a standby that lags takes over. What was confirmed is lost, and nobody goes on as if it were.

The standby is away while the last commands are confirmed, so it does not have them when the primary
is lost for good. A writer that lives on is led to the standby under the same name.
"""

import random
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from stocktrail.commands.epochs import NewEpoch
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.feeds.client import Subscription, SubscriptionRefused
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.checkpoint_schedule import make_checkpoint
from stocktrail.ledger.store.merkle.consistency import describe_divergence
from stocktrail.ledger.store.merkle.notes import Signer
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.interfaces.api.serving import served
from tests.postgres_server import PostgresServer, Standby
from tests.reliability.trial import SERVER, FreshDatabase, ReliabilityTrial
from tests.store.shop import (
    Command,
    assert_log_is_sound,
    events_of,
    numbered,
    order,
    send,
    sold,
    statuses,
    stocked,
)
from tests.waiting import wait_until

UNITS = 20
NOT_CONTAINED = ("log_cut_short", "history_changed")


class LaggingFailover:
    """A primary, its standby, a name that leads to one of them, and a writer that lives on."""

    def __init__(self, seed: int, folder: Path, everything: ExitStack) -> None:
        self.chance = random.Random(seed)
        self.checkpoints = folder / "checkpoints"
        self.signer = Signer.new("example.org/shop")
        self.primary = everything.enter_context(PostgresServer())
        self._name = folder / "server" / self.primary.socket_file.name
        self._name.parent.mkdir()
        self._name.symlink_to(self.primary.socket_file)
        self.url = self.primary.url("shop", host=self._name.parent)
        self.writer = everything.enter_context(
            open_ledger(self.url, checkpoints=self.checkpoints)
        )
        self.kept = [
            *stocked("TEA", quantity=UNITS),
            *(order(name, "TEA") for name in numbered("KEPT", self.chance.randint(1, 5))),
        ]
        send(self.writer, self.kept)
        self.models = ReadModels(self.writer)
        self.standby = Standby(self.primary)
        everything.enter_context(self.standby)
        self.shared = self.writer.head().position
        self.lost: list[Command] = []

    def fail_over(self) -> int:
        """Lose the primary while the standby lags; return the position that was confirmed."""
        with open_ledger(self.standby.url("shop"), read_only=True) as replica:
            wait_until(lambda: replica.head().position == self.shared, "the standby has it all")
        self.standby.stop(signal.SIGINT)
        self.lost = _received_and_ordered("LOST", UNITS, self.chance.randint(0, 9))
        assert set(statuses(send(self.writer, self.lost))) == {"accepted"}
        confirmed = self.writer.head().position
        assert self.models.catch_up() == confirmed
        make_checkpoint(self.writer, self.signer)
        self.primary.stop(signal.SIGQUIT)
        self.standby.start()
        self.standby.promote()
        self._name.unlink()
        self._name.symlink_to(self.standby.socket_file)
        return confirmed

    def begin_epoch(self) -> None:
        """Decide to go on with what is left, as an operator does."""
        with open_ledger(self.url, checkpoints=self.checkpoints, begins_epoch=True) as ledger:
            newest, differs = describe_divergence(ledger.sealed_log, ledger.checkpoints)
            assert newest is not None
            assert differs is not None
            submit_one(ledger, NewEpoch(
                reason="the primary is lost", finding=differs, checkpoint=newest.note
            ))
            ledger.checkpoints.archive()
            make_checkpoint(ledger, self.signer)


def fail_over_to_a_lagging_standby(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Fail over, see everybody stopped, begin a new epoch and go on; one failover."""
    with ExitStack() as everything:
        shop = LaggingFailover(seed, folder, everything)
        confirmed = shop.fail_over()
        _see_consumers_refused(shop, confirmed)
        if shop.chance.random() < 0.5:           # the log may now be longer than the lost one
            with open_ledger(shop.url, checkpoints=folder / "none") as other:
                send(other, _received_and_ordered("ELSE", 1, len(shop.lost) - 1))
                assert ReadModels(other).catch_up() == confirmed
                send(other, [order("ELSE", "TEA", id="ELSE-more")])
        shop.models.catch_up()
        before = events_of(shop.url)
        _see_stopped(shop.writer)
        with open_ledger(shop.url, checkpoints=shop.checkpoints) as again:
            assert again.warnings
            _see_stopped(again)
        assert events_of(shop.url) == before
        shop.begin_epoch()
        _go_on(shop)
    return 1


def _received_and_ordered(name: str, units: int, orders: int) -> list[Command]:
    """Receive units and sell some: as many events, whatever the name."""
    received = {"command": "receive-stock", "sku": "TEA", "quantity": units, "id": f"{name}-units"}
    return [received, *(order(each, "TEA") for each in numbered(name, orders))]


def _see_consumers_refused(shop: LaggingFailover, confirmed: int) -> None:
    with served(shop.url) as api:
        events = f"{api.client.base_url}/events"
        with (
            Subscription(events, after=confirmed) as ahead,
            pytest.raises(SubscriptionRefused) as refused,
        ):
            next(ahead.batches())
        assert (refused.value.status, refused.value.code) == (409, "cursor_beyond_log")
        with Subscription(events, after=0) as behind:
            heard = next(behind.batches())
        assert [int(each["sequence"]) for each in heard.events] == list(range(1, shop.shared + 1))


def _see_stopped(ledger: Ledger) -> None:
    for _ in range(2):
        with pytest.raises(StorageError) as stopped:
            send(ledger, [order("AFTER", "TEA", quantity=2 * UNITS - 9)])
        assert stopped.value.code in NOT_CONTAINED, stopped.value.message


def _go_on(shop: LaggingFailover) -> None:
    with open_ledger(shop.url, checkpoints=shop.checkpoints) as ledger:
        assert set(statuses(send(ledger, shop.kept))) == {"duplicate"}
        assert set(statuses(send(ledger, shop.lost))) == {"accepted"}
        assert sold(ledger, "TEA") <= 2 * UNITS
        verification = verify(ReadModels(ledger))
        assert verification.ok, verification.findings
    assert_log_is_sound(shop.url)


TRIALS = [
    ReliabilityTrial(
        "R9", "Failover to a standby that lags behind what was confirmed",
        "writers stop, those that live on and those that start again; consumers ahead of the log "
        "get 409; a new epoch goes on from what is left", "failovers", 20,
        fail_over_to_a_lagging_standby, databases=SERVER,
    ),
]
