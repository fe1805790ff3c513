"""Event loops and connections in virtual time: a receiver that hangs costs nobody a second."""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulation.scheduling import Network, Scheduler, Stream, Wire, installed
from simulation.scheduling.receiver import Posted, Reply, receiving
from stocktrail.feeds.webhooks.sending import Answer, Limits, send

START = 1_700_000_000_000_000
URL = "http://127.0.0.1:8080/hook"
LONG = b"x" * 1_000


class Post:
    """Sends webhooks to one receiver of a simulation."""

    def __init__(self, seed: int = 1) -> None:
        self.scheduler = Scheduler(seed, START)
        self.network = Network(self.scheduler)
        self.arrived: list[Posted] = []
        self.shop = self.scheduler.process("shop")
        self.receiver = self.scheduler.process("receiver")
        self.reply = Reply()
        self.listens(receiving(self._take))

    def _take(self, posted: Posted) -> Reply:
        self.arrived.append(posted)
        return self.reply

    def listens(self, call: Callable[[Stream], None]) -> None:
        """Let the receiver do something else."""
        self.network.listen(self.receiver, "127.0.0.1", 8080, call)

    def sent(self, wire: Wire | None = None) -> Answer:
        """Send one message over a wire, and return the result."""
        self.network.wire_to = lambda address, port: wire or Wire()
        with installed(self.scheduler):
            task = self.scheduler.spawn(
                self.shop, "sender", lambda: asyncio.run(send(URL, {}, LONG, Limits()))
            )
            assert self.scheduler.run(lambda: task.is_done, seconds=100)
            assert task.exception is None
            assert isinstance(task.result, Answer)
            return task.result

    @property
    def seconds(self) -> float:
        """How much virtual time has passed."""
        return (self.scheduler.now - START) / 1_000_000


def test_a_message_arrives_and_is_answered() -> None:
    post = Post()
    answer = post.sent()
    assert answer.is_delivered
    assert [(each.path, each.body) for each in post.arrived] == [("/hook", LONG)]
    assert post.seconds < 1


def test_a_receiver_that_hangs_costs_no_real_time() -> None:
    post, began = Post(), time.monotonic()
    post.listens(lambda stream: time.sleep(30))
    assert post.sent().error == "There was no answer within 20 seconds."
    assert 20 <= post.seconds < 21
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("wire", "error", "arrives"),
    [
        (Wire(is_refused=True), "The connection failed: Connection refused.", 0),
        (Wire(seconds_to_connect=9), "nobody was there within 5 seconds", 0),
        (Wire(request_bytes=500), "The connection failed: Connection reset by peer.", 0),
        (Wire(answer_bytes=10), "The connection failed: Connection reset by peer.", 1),
        (Wire(swallows_answer=True), "There was no answer within 20 seconds.", 1),
        (Wire(answer_waits=25), "There was no answer within 20 seconds.", 1),
        (Wire(answer_waits=15), None, 1),
    ],
)
def test_a_wire_may_fail(wire: Wire, error: str | None, arrives: int) -> None:
    post = Post()
    answer = post.sent(wire)
    assert answer.is_delivered is (error is None)
    assert error is None or error in str(answer.error)
    assert len(post.arrived) == arrives


def test_who_connects_to_nobody_is_refused() -> None:
    post = Post()
    post.network.close("127.0.0.1", 8080)
    assert post.sent().error == "The connection failed: Connection refused."


def test_a_receiver_that_is_killed_resets_all_its_connections() -> None:
    post = Post()

    def listen(stream: Stream) -> None:
        time.sleep(3)
        post.receiver.kill()

    async def send_three() -> list[Answer]:
        return await asyncio.gather(*(send(URL, {}, LONG, Limits()) for _ in range(3)))

    post.listens(listen)
    with installed(post.scheduler):
        task = post.scheduler.spawn(post.shop, "sender", lambda: asyncio.run(send_three()))
        assert post.scheduler.run(lambda: task.is_done, seconds=100)
    assert isinstance(task.result, list)
    assert [answer.error for answer in task.result] == [
        "The connection failed: Connection reset by peer."
    ] * 3
    assert 3 <= post.seconds < 4


def test_a_sender_that_is_killed_is_noticed_by_the_receiver() -> None:
    post = Post()
    noticed: list[str] = []

    def listen(stream: Stream) -> None:
        try:
            while stream.read():
                pass
        except ConnectionResetError:
            noticed.append(f"reset after {post.seconds:.0f} s")
            raise

    post.listens(listen)
    with installed(post.scheduler):
        task = post.scheduler.spawn(
            post.shop, "sender", lambda: asyncio.run(send(URL, {}, LONG, Limits()))
        )
        post.scheduler.run(lambda: False, seconds=2)
        post.shop.kill()
        assert task.is_done
        post.scheduler.run(lambda: bool(noticed), seconds=10)
    assert noticed == ["reset after 2 s"]


def test_an_endless_answer_does_not_fill_the_memory() -> None:
    post = Post()

    def listen(stream: Stream) -> None:
        stream.read()
        stream.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            stream.write(LONG)

    post.listens(listen)
    assert post.sent().is_delivered


def test_loops_and_their_threads_run_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> tuple[str, object]:
        scheduler = Scheduler(seed, START)

        def count(name: int) -> int:
            time.sleep(random.random())
            return name

        async def work() -> list[int]:
            loop = asyncio.get_running_loop()
            order: list[int] = []
            tasks = {asyncio.create_task(asyncio.to_thread(count, name)) for name in range(9)}
            while tasks:
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                order += [task.result() for task in done]
            with ThreadPoolExecutor(1) as pool:
                order.append(await loop.run_in_executor(pool, count, 10))
            async with asyncio.timeout(5):
                await asyncio.sleep(4)
            return order

        with installed(scheduler):
            task = scheduler.spawn(scheduler.process("shop"), "loop", lambda: asyncio.run(work()))
            assert scheduler.run(lambda: task.is_done, seconds=100)
        assert task.exception is None
        return scheduler.trace_digest, task.result

    runs = [run(seed) for seed in range(5)]
    assert [run(seed) for seed in range(5)] == runs
    assert len({str(result) for _, result in runs}) > 1
