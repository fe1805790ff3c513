"""One episode: a shop's day under faults, made from a seed and checked after every step."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from simulation.checks.log_check import LogCheck
from simulation.checks.numbers import Numbers, opened_copy
from simulation.checks.subscriber_check import SubscriberCheck
from simulation.checks.violation import Violation, require
from simulation.checks.webhook_check import WebhookCheck
from simulation.clients import ScriptClient
from simulation.plan import Plan
from simulation.programs import Operator, Program, ScriptProgram
from simulation.scheduling.tasks import Killed
from simulation.service_program import CREATED, WEBHOOK, ServiceProgram, WebhookReceiver
from simulation.workload import Workload
from simulation.world import World

STEP_SECONDS = 2.0
"""How much virtual time passes before everything is checked, unless something happens earlier."""

CALM_SECONDS = 60.0
"""Within this time everything must be caught up once the faults have stopped."""

LONGEST_BACK_OFF = 30
"""How often it is looked again for webhooks: a receiver that failed is left alone for minutes."""

LONGEST_STEPS = 600

IMAGES = 0.2
"""At how many steps it is also looked at what a power cut would leave, without one."""

PREEMPTED = 0.1
"""How many episodes interrupt tasks at every line of the writer and the tail; they are slower."""

ORDERS = 30
"""How many orders are compared at the end as they are reported; their lines are all compared."""

VERIFIES = 0.02
"""At how many steps the ledger verifies itself; it always does at the end."""

_OPENING_SECONDS = 3600.0


class Episode:
    """One seed: programs that come and go, clients that want answers, and what is checked."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.world = World(plan.seed, folder)
        self.random = Random(self.world.random.getrandbits(64))
        for kind in plan.without:
            self.world.faults.rates[kind] = 0
        self.workload = Workload(Random(self.world.random.getrandbits(64)))
        self.check = LogCheck(self.workload)
        self.copy = folder.with_name("copy")
        self.image = folder.with_name("image")
        for each in (self.copy, self.image):
            each.mkdir()
        self.steps = self.images = 0
        self.subscribers = SubscriberCheck()
        self.webhooks: WebhookCheck | None = None
        self._answers_before = 0
        self.clients: list[ScriptClient] = []
        self.programs: list[Program] = []
        self._people()

    def _people(self) -> None:
        """Decide who takes part: scripts, services with their callers, an operator."""
        if self.random.random() < PREEMPTED:
            self.world.scheduler.preempt("store/engine/", "feeds/tail.py")
        scripts, callers = self.random.choice(((1, 0), (2, 0), (1, 2), (0, 3), (0, 6), (2, 2)))
        for number in range(scripts + callers):
            self.clients.append(ScriptClient(
                f"client-{number}", self.workload, self.check, self._chance(),
                self.plan.commands // (scripts + callers), lambda: self.world.scheduler.now,
            ))
        self.clients[0].begin_with(self.workload.opening())
        for number in range(scripts):
            self.programs.append(ScriptProgram(
                f"script-{number}", self.world, self._chance(), self.clients[number]
            ))
        if callers:
            self._services(self.clients[scripts:])
        if self.random.random() < 0.3:
            self.programs.append(Operator("operator", self.world, self._chance()))

    def _services(self, clients: list[ScriptClient]) -> None:
        """Let one service or two take the callers, and deliver to a receiver."""
        delivers = self.random.random() < 0.6
        if delivers:
            self.webhooks = WebhookCheck(WEBHOOK)
            self.receiver = WebhookReceiver(self.world, self._chance(), self.webhooks)
            self.clients[0].begin_with([self.workload.named(dict(CREATED))])
        count = self.random.choice((1, 1, 2))
        for number in range(count):
            self.programs.append(ServiceProgram(
                f"service-{number}", self.world, self._chance(), clients[number::count],
                self.subscribers, delivers=delivers,
            ))

    def _chance(self) -> Random:
        return Random(self.random.getrandbits(64))

    # ------------------------------------------------------------------ the day

    def run(self) -> None:
        """Let the day pass. Raises :class:`Violation`."""
        faults = self.world.faults
        while not self._is_answered():
            self._start(self.programs)
            self._answers_before = self._answers()
            self._run(self._has_moved, STEP_SECONDS)
            self._examine()
            if self.steps > LONGEST_STEPS:
                faults.calm = True
            require(self.steps < 2 * LONGEST_STEPS, "liveness", "clients get no answers any more")
            self._misfortune()
        self._end()

    def _end(self) -> None:
        """Stop the faults, let everything catch up, and check it all."""
        world = self.world
        world.faults.calm = world.is_ending = True
        services = [each for each in self.programs if isinstance(each, ServiceProgram)]
        for program in self.programs:
            process = program.process
            if process is not None and (
                program not in services or process.frozen_until > world.scheduler.now
            ):
                process.kill()
        if services:
            self._let_catch_up(services)
            self._examine()
            self.subscribers.require_complete(self.check.events)
            self._await_webhooks(services)
            world.is_closing = True
            ended = self._run(lambda: not any(map(_is_running, services)), CALM_SECONDS)
            require(ended, "liveness", f"a service does not end: {world.scheduler.report()}")
        self._examine(everything=True)

    def _let_catch_up(self, services: Sequence[Program]) -> None:
        """Let services run for a while; one that the last fault still ends is started again."""
        scheduler, starts = self.world.scheduler, sum(each.starts for each in services)
        end = scheduler.now + int(CALM_SECONDS * 1_000_000)
        while scheduler.now < end:
            self._start(services)
            left = (end - scheduler.now) / 1_000_000
            self._run(lambda: not all(map(_is_running, services)), left)
            again = sum(each.starts for each in services) - starts
            require(again <= 3 * len(services), "liveness", "a service ends, though nothing fails")

    def _await_webhooks(self, services: Sequence[Program]) -> None:
        """Require that webhooks have read the log, once the longest back-off of a few is over."""
        if self.webhooks is None:
            return
        for _ in range(LONGEST_BACK_OFF):
            if self.webhooks.seen == self.check.position:
                return
            self._let_catch_up(services)
            self._examine()
        seen, head = self.webhooks.seen, self.check.position
        require(seen == head, "liveness", f"webhooks are at {seen}, the log at {head}")

    def _is_answered(self) -> bool:
        return all(client.is_done for client in self.clients)

    def _answers(self) -> int:
        return sum(client.answers for client in self.clients)

    def _has_moved(self) -> bool:
        """Return whether somebody was answered or has ended since the last step."""
        return self._answers() > self._answers_before or any(
            program.has_work and not program.is_running for program in self.programs
        )

    def _run(self, until: Callable[[], bool], seconds: float) -> bool:
        try:
            return self.world.scheduler.run(until, seconds=seconds)
        finally:
            self._require_nobody_failed()          # a program that ended with an error may be why

    def _start(self, programs: Sequence[Program]) -> None:
        for program in programs:
            if program.has_work and not program.is_running:
                program.start()

    def _require_nobody_failed(self) -> None:
        ended = [task.exception for task in self.world.scheduler.failed]
        for failure in (*self.world.failures, *ended):
            if isinstance(failure, Violation):
                raise failure
            raise Violation("errors", f"a program ended with {failure!r}") from failure
        for error in self.world.disk.errors:
            if not isinstance(error, Killed):    # somebody died while the disk let him wait
                raise error

    # ------------------------------------------------------------------ misfortunes

    def _misfortune(self) -> None:
        """Let something happen between two steps."""
        faults, running = self.world.faults, [each for each in self.programs if each.is_running]
        for program in running:
            process = program.process
            assert process is not None
            if faults.strikes("kill"):
                process.kill()
            elif faults.strikes("freeze"):
                process.freeze(self.random.choice((0.5, 5, 70)))
            elif faults.strikes("clock"):
                hours = self.random.choice((-24, -1, -0.01, 0.01, 1, 24))
                process.clock_offset += int(hours * _OPENING_SECONDS * 1_000_000)
        if faults.strikes("power"):
            for program in running:
                if program.is_running and program.process is not None:
                    program.process.kill()
            self.world.disk.power_cut()
            self.check.begin_again()
            self.subscribers.begin_again()

    # ------------------------------------------------------------------ checks

    def _examine(self, *, everything: bool = False) -> None:
        """Check the log and the numbers, on a copy of what a process would now find."""
        self.steps += 1
        visible = self.world.disk.visible()
        path = None if visible is None else self._copy_of(visible, self.copy)
        if path is None:
            require(not everything, "log", "nobody can read it")
            return
        self.check.follow(path)
        if self.random.random() < IMAGES:
            left = self._copy_of(self.world.disk.after_power_cut(self._chance()), self.image)
            if left is not None:
                self.check.require_survival(left)
                self.images += 1
        for program in self.programs:
            if isinstance(program, ServiceProgram):
                program.require_answers()
        self.subscribers.compare(self.check.events)
        if self.webhooks is not None:
            self.webhooks.compare(path, self.check.position)
            self.webhooks.require_one_worker(
                sum(self.world.faults.happened[kind] for kind in ("freeze", "clock", "power"))
            )
        if not self.check.position:
            return
        ledger = opened_copy(path, self.world.scheduler.now)
        try:
            numbers = Numbers(ledger, self.check.reference)
            reference = self.check.reference
            numbers.compare(sorted(reference.shop.items if everything else reference.touched))
            reference.touched.clear()
            if not everything and self.random.random() < VERIFIES:
                numbers.verify()
            if everything:
                orders = list(reference.shop.orders)
                numbers.compare_orders(self.random.sample(orders, min(ORDERS, len(orders))))
                numbers.verify()
        finally:
            ledger.close()

    def _copy_of(self, files: Mapping[str, bytes], folder: Path) -> Path | None:
        for old in folder.iterdir():
            old.unlink()
        for name, content in files.items():
            if not name.endswith("-shm"):
                (folder / name).write_bytes(content)
        path = folder / self.world.path.name
        return path if path.exists() and path.stat().st_size else None


def _is_running(program: Program) -> bool:
    return program.is_running
