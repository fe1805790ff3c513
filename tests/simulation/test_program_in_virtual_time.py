"""The program as it is, in virtual time: its service writes, follows, streams and delivers."""

import asyncio
import random
import threading
import time
from functools import partial
from typing import NamedTuple

from simulation.scheduling import Network, Scheduler, Wire, installed
from simulation.scheduling.receiver import Posted, Reply, receiving
from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.selection import EVERYTHING
from stocktrail.feeds.tail import Tail
from stocktrail.feeds.webhooks.worker import WebhookWorker
from stocktrail.interfaces.service.read_model_follower import ReadModelFollower
from stocktrail.ledger.store.engine.group_commit import Committed
from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.projections import ReadModels

START = 1_700_000_000_000_000
CALLERS, RECEIPTS = 3, 5
EVENTS = 2 + CALLERS * RECEIPTS
SECONDS = 90
"""How long the service runs."""

WIRES = (
    *(Wire() for _ in range(20)), Wire(is_refused=True), Wire(seconds_to_connect=7),
    Wire(request_bytes=100), Wire(answer_bytes=5), Wire(swallows_answer=True),
    Wire(answer_waits=3),
)


def command(name: str, **fields: object) -> Command:
    return COMMANDS[name].model_validate(fields)


class Seen(NamedTuple):
    """What came out of one run."""

    digest: str
    head: int
    read_models: int
    streamed: int
    delivered: list[str]


class Service:
    """A service of the program, run by one task."""

    def __init__(self) -> None:
        self.head = self.read_models = self.streamed = 0
        self._tail: Tail | None = None

    def run(self) -> None:
        """Open, serve for a while, and close."""
        with open_in_memory() as ledger:
            follower = ReadModelFollower(ReadModels(ledger))

            def committed(commit: Committed) -> None:
                follower.wake(commit.head.position)
                if self._tail is not None:
                    self._tail.wake(commit.head.position)

            with GroupedSubmission(ledger, listener=committed) as submission:
                submission.submit(command("register-product", sku="TEA"))
                submission.submit(command(
                    "create-webhook", webhook="erp", url="http://127.0.0.1:8080/", after=0
                ))
                callers = [
                    threading.Thread(target=self._receive, args=(submission,))
                    for _ in range(CALLERS)
                ]
                for caller in callers:
                    caller.start()
                worker = WebhookWorker(ledger, submit=submission.submit)
                asyncio.run(self._serve(EventLog(ledger), worker))
                for caller in callers:
                    caller.join()
            follower.close()
            self.head, self.read_models = ledger.head().position, follower.position

    def _receive(self, submission: GroupedSubmission) -> None:
        for _ in range(RECEIPTS):
            submission.submit(command("receive-stock", sku="TEA", quantity=1))
            time.sleep(random.random())

    async def _serve(self, log: EventLog, worker: WebhookWorker) -> None:
        stop = asyncio.Event()
        async with Tail(log) as self._tail:
            delivering = asyncio.create_task(worker.run(stop))
            streaming = asyncio.create_task(self._stream(self._tail))
            await asyncio.sleep(SECONDS)
            stop.set()
            await delivering
        await streaming

    async def _stream(self, tail: Tail) -> None:
        position = 0
        with tail.subscription():
            while not tail.is_closing:
                change = tail.change
                chunk = tail.read_chunk(position, EVERYTHING, 1 << 20)
                if chunk is None:
                    page = await tail.in_thread(partial(tail.log.page, position, 100, EVERYTHING))
                    position = page.position
                elif chunk.position > position:
                    position = chunk.position
                else:
                    await change.wait()
        self.streamed = position


def served(seed: int) -> Seen:
    """Run a service for a while, with a receiver behind a bad network."""
    scheduler = Scheduler(seed, START)
    network, chance = Network(scheduler), random.Random(seed)
    delivered: dict[str, None] = {}

    def take(posted: Posted) -> Reply:
        delivered[posted.headers["webhook-id"]] = None
        return Reply()

    network.wire_to = lambda address, port: chance.choice(WIRES)
    network.listen(scheduler.process("receiver"), "127.0.0.1", 8080, receiving(take))
    service = Service()
    with installed(scheduler):
        task = scheduler.spawn(scheduler.process("shop"), "service", service.run)
        assert scheduler.run(lambda: task.is_done, seconds=2 * SECONDS)
    assert task.exception is None
    assert not scheduler.failed
    return Seen(
        scheduler.trace_digest, service.head, service.read_models, service.streamed,
        list(delivered),
    )


def test_a_service_runs_the_same_for_the_same_seed() -> None:
    seen = served(1)
    assert (seen.head, seen.read_models, seen.streamed) == (EVENTS, EVENTS, EVENTS)
    assert len(seen.delivered) == EVENTS
    assert served(1) == seen
