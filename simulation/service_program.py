"""The service of an episode: the program's own, with callers, subscribers and webhooks."""

import asyncio
from collections.abc import Sequence
from functools import partial
from random import Random

import orjson

from simulation.checks.log_check import Answer
from simulation.checks.subscriber_check import SubscriberCheck
from simulation.checks.violation import require
from simulation.checks.webhook_check import WebhookCheck
from simulation.clients import ScriptClient, SentRows
from simulation.programs import Program
from simulation.scheduling.connection import Wire
from simulation.scheduling.network import Network
from simulation.scheduling.receiver import Posted, Reply, receiving
from simulation.subscribers import Subscriber
from simulation.workload import Row
from simulation.world import World
from stocktrail.commands import COMMANDS
from stocktrail.commands.model import Command
from stocktrail.commands.scripts.results import Result
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store import StorageError, open_ledger

WEBHOOK = "erp"
PORT = 8080
URL = f"http://127.0.0.1:{PORT}/hook"
CREATED = {
    "command": "create-webhook", "webhook": WEBHOOK, "url": URL, "after": 0,
}
_LONGEST_LIFE = 200.0
_LONGEST_CALL = 120.0
"""A caller may wait so long, where nothing is frozen or slow: longer than for the write lock."""

_NOT_ALONE = {"group", "colour"}
"""Fields of rows that only a script can have."""

_STATUSES = (500, 503, 429, 404, 302, 204)


class WebhookReceiver:
    """A receiver that confirms, fails, hangs, redirects and hangs up."""

    def __init__(self, world: World, random: Random, check: WebhookCheck) -> None:
        self._world = world
        self._random = random
        self._check = check
        network = Network(world.scheduler)
        network.wire_to = self._wire
        network.listen(
            world.scheduler.process("receiver"), "127.0.0.1", PORT, receiving(self._answer)
        )

    def _wire(self, address: str, port: int) -> Wire:
        if not self._world.faults.strikes("receiver", 0.5):
            return Wire()
        return self._random.choice((
            Wire(is_refused=True), Wire(seconds_to_connect=7), Wire(request_bytes=100),
            Wire(answer_bytes=5), Wire(swallows_answer=True), Wire(answer_waits=3),
        ))

    def _answer(self, posted: Posted) -> Reply:
        if self._world.faults.strikes("receiver", 0.5):
            status = self._random.choice(_STATUSES)
            if status != 204:
                return Reply(status, {"retry-after": "2"} if status == 429 else {})
            return Reply(500, {}, b"x" * 100_000)
        event = orjson.loads(posted.body)
        self._check.confirm(int(event["sequence"]), event["subject"])
        return Reply()


class ServiceProgram(Program):
    """Runs the service with its callers, until it is told to end or has lived long enough."""

    def __init__(
        self, name: str, world: World, random: Random, clients: Sequence[ScriptClient],
        subscribers: SubscriberCheck, *, delivers: bool,
    ) -> None:
        super().__init__(name, world, random)
        self.clients = clients
        self._delivers = delivers
        self._subscribers = [
            Subscriber(f"{name}/{number}", self._chance(), world.faults, subscribers)
            for number in range(random.choice((0, 1, 3)))
        ]
        self.service: Service | None = None
        self._calls: dict[str, int] = {}
        """When each call that was not answered yet began."""

    def run(self) -> None:
        """Open, serve, and close in order."""
        self._calls.clear()
        ledger = open_ledger(self.world.url, capacity=self.random.choice((3, 10_000)))
        settings = ServiceSettings(deliver_webhooks=self._delivers, deliver_notices=False)
        service = self.service = Service(settings, ledger)
        if self.random.random() < 0.3:       # a queue that is full, where callers are held back
            vars(vars(service.submitter)["_group"])["_queue_size"] = 5
        process = self.process
        assert process is not None
        for client in self.clients:
            calls = self._call_rows if self.random.random() < 0.5 else self._call_one_by_one
            self.world.scheduler.spawn(process, client.name, partial(calls, service, client))
        asyncio.run(self._serve(service))
        service.close()

    async def _serve(self, service: Service) -> None:
        life = self.random.choice((5.0, _LONGEST_LIFE))
        end = asyncio.get_running_loop().time() + life
        async with service.tail:
            following = [
                asyncio.create_task(each.follow(service.tail)) for each in self._subscribers
            ]
            while not self.world.is_closing and (
                self.world.is_ending or asyncio.get_running_loop().time() < end
            ):
                await asyncio.sleep(0.5)
            service.begin_shutdown()
            await asyncio.gather(*following)

    # ------------------------------------------------------------------ callers

    def _call_rows(self, service: Service, client: ScriptClient) -> None:
        """Send scripts between those of other callers."""
        while not client.is_done:
            self._send_together(service, client, self._next(client))

    def _call_one_by_one(self, service: Service, client: ScriptClient) -> None:
        """Send single commands, from threads and from an event loop."""
        while not client.is_done:
            sent = self._next(client)
            if sent.mode != "continue" or any(_NOT_ALONE & row.keys() for row in sent.rows):
                self._send_together(service, client, sent)
                continue
            try:
                if self.random.random() < 0.5:
                    submit = service.submitter.submit
                    results = [submit(_command(row), id=row["id"]) for row in sent.rows]
                else:
                    results = asyncio.run(_sent_at_once(service, sent))
                answers = [result.as_json() for result in results]
            except StorageError as error:
                self._was_refused(client, error)
                continue
            self._take(client, sent, answers)

    def _send_together(self, service: Service, client: ScriptClient, sent: SentRows) -> None:
        try:
            rows = service.submitter.submit_rows(sent.read(), mode=sent.mode)
            self._take(client, sent, [result.as_json() for result in rows])
        except StorageError as error:
            self._was_refused(client, error)

    def require_answers(self) -> None:
        """Require that no caller has waited for too long, unless somebody was held up."""
        happened, now = self.world.faults.happened, self.world.scheduler.now
        if happened["freeze"] or happened["slow"] or not self.is_running:
            return
        for name, began in self._calls.items():
            seconds = (now - began) / 1_000_000
            require(seconds < _LONGEST_CALL, "liveness", f"{name} has waited for {seconds:.0f} s")

    def _next(self, client: ScriptClient) -> SentRows:
        self.nap(0.2)
        self._calls[client.name] = self.world.scheduler.now
        return client.next(again=self.world.faults.strikes("again"))

    def _take(self, client: ScriptClient, sent: SentRows, answers: Sequence[Answer]) -> None:
        self._calls.pop(client.name, None)
        if not self.world.faults.strikes("lost_reply"):
            client.take_answers(sent, answers)

    def _was_refused(self, client: ScriptClient, error: StorageError) -> None:
        self._calls.pop(client.name, None)
        if error.code != "ledger_closed":        # the service is ending
            self.require_transient(error)
        self.world.scheduler.sleep(0.3)

    def _chance(self) -> Random:
        return Random(self.random.getrandbits(64))


def _command(row: Row) -> Command:
    fields = {name: value for name, value in row.items() if name not in ("command", "id")}
    return COMMANDS[row["command"]].model_validate(fields)


async def _sent_at_once(service: Service, sent: SentRows) -> list[Result]:
    """Send every row in a task of its own. Raises the first error once all have their answers."""
    answers = await asyncio.gather(
        *(service.submitter.submit_async(_command(row), id=row["id"]) for row in sent.rows),
        return_exceptions=True,
    )
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if isinstance(answer, Result)]
