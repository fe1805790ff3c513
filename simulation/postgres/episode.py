"""An episode: a few writers at one ledger, a network that a seed makes unreliable, one auditor.

Two of three seeds let one thing happen at a time, and repeat exactly; every third one lets writers
race, and repeats the faults, but not who wins. After every step the auditor compares the log with
what was answered and with the reference shop. At the end the faults stop, everything is sent again,
and every number must be right.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random

from simulation.checks.shop_figures import compare_items, compare_orders, compare_reports
from simulation.postgres.auditor import Auditor
from simulation.postgres.fault_plan import FaultPlan, LinkFault, SeededPlan
from simulation.postgres.impatience import short_waits
from simulation.postgres.shop_writer import ShopWriter
from simulation.postgres.workload import Unit, opening_units, rows_of_units
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.commands.scenes import still
from tests.postgres_server import PostgresServer, drop_schema, new_schema
from tests.store.shop import assert_log_is_sound

RATES = (0.003, 0.01, 0.03)
"""How many of all messages are struck; each episode has one of them."""

RACING_EVERY = 3
"""Every third seed lets writers race."""

ORDERLY_STEPS = {
    "send": 80, "try_first": 5, "catch_up": 8, "rebuild": 2, "start_again": 4, "crash_server": 1,
}
"""How often each step is taken while one thing happens at a time."""

RACING_STEPS = {
    "send": 40, "send_at_once": 30, "send_from_threads": 10, "try_first": 5, "catch_up": 8,
    "rebuild": 2, "start_again": 4, "crash_server_at_work": 1,
}
"""The same while writers race with each other and with what the network delivers late."""

UNITS_AT_ONCE = 6
_NAMES = ("W1", "W2", "W3")
_TRIES_WITHOUT_FAULTS = 3


@dataclass
class PostgresReport:
    """What happened in an episode: commands sent, faults by kind, and how it went for callers.

    ``longest_call`` is in seconds; no promise is made of it here, because machines differ.
    ``digest`` is one of the log and of all that struck: a seed that does not race repeats it.
    """

    seed: int
    writers: int = 0
    steps: int = 0
    commands: int = 0
    recorded: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    longest_call: float = 0.0
    digest: str = ""

    def __add__(self, other: "PostgresReport") -> "PostgresReport":
        return PostgresReport(
            self.seed, self.writers + other.writers, self.steps + other.steps,
            self.commands + other.commands, self.recorded + other.recorded,
            self.errors + other.errors, self.faults + other.faults,
            self.crashes + other.crashes, max(self.longest_call, other.longest_call),
        )


def episode(
    seed: int, url: str, *, steps: int = 60, crash: Callable[[], None] | None = None,
    plans: Callable[[str], FaultPlan] | None = None, shares: Mapping[str, int] | None = None,
) -> PostgresReport:
    """Run one episode on a ledger that does not exist yet, and return what happened.

    ``crash`` stops the server as if its power had gone, and starts it again. ``plans`` makes the
    plan of each writer by its name, and ``shares`` says how often each step is taken; with either
    writers race. Raises ``AssertionError`` when a promise was broken.
    """
    is_racing = seed % RACING_EVERY == 0 or plans is not None or shares is not None
    if shares is None:
        shares = RACING_STEPS if is_racing else ORDERLY_STEPS
    if plans is None:
        rate = Random(f"{seed}/rate").choice(RATES)

        def plans(name: str) -> FaultPlan:
            return SeededPlan(f"{seed}/{name}", rate)

    with _Episode(seed, url, crash, plans, is_racing=is_racing) as run:
        with short_waits() if is_racing else nullcontext():
            for _ in range(steps):
                run.step(shares)
        return run.end()


def episode_on(
    seed: int, server: PostgresServer, *, steps: int = 60, shares: Mapping[str, int] | None = None
) -> PostgresReport:
    """Run one episode in a schema of its own on a server that may be crashed, and drop it."""

    def crash() -> None:
        server.stop(signal.SIGQUIT)
        server.start()

    schema = new_schema("episode")
    report = episode(seed, server.url(schema), steps=steps, crash=crash, shares=shares)
    drop_schema(server, schema)
    return report


class _Episode:
    """The writers, the auditor and the chance of one episode."""

    def __init__(
        self, seed: int, url: str, crash: Callable[[], None] | None,
        plans: Callable[[str], FaultPlan], *, is_racing: bool,
    ) -> None:
        self._random = Random(f"{seed}/steps")
        self._url = url
        self._crash = crash
        self._everything = ExitStack()
        self._auditor = Auditor(url)
        self._everything.callback(self._auditor.close)
        self._sent: list[Unit] = []
        self.report = PostgresReport(seed)
        self._open_shop()
        self._writers = [
            self._everything.enter_context(
                ShopWriter(
                    name, f"{seed}", url, self._auditor, self.report.errors,
                    plans(name), is_orderly=not is_racing,
                )
            )
            for name in _NAMES[: self._random.randint(1, len(_NAMES))]
        ]
        self.report.writers = len(self._writers)
        self._pool = self._everything.enter_context(ThreadPoolExecutor(len(self._writers)))

    def __enter__(self) -> "_Episode":
        return self

    def __exit__(self, *_: object) -> None:
        self._everything.close()

    def _open_shop(self) -> None:
        opening = opening_units()
        self._auditor.sends(opening)
        with open_ledger(self._url, clock=still) as ledger:
            self._auditor.answered(list(submit(ledger, [rows_of_units(opening)])))
        self._auditor.audit()
        self._sent += opening

    # ------------------------------------------------------------------ steps

    def step(self, shares: Mapping[str, int]) -> None:
        """Let one thing happen, or several at once, and audit the log."""
        for each in self._writers:
            each.proxy.close_idle()
        [name] = self._random.choices(list(shares), list(shares.values()))
        began = time.monotonic()
        getattr(self, f"_{name}")()
        self.report.longest_call = max(self.report.longest_call, time.monotonic() - began)
        self.report.steps += 1
        self._auditor.audit()

    def _one(self) -> ShopWriter:
        return self._random.choice(self._writers)

    def _drawn(self, writer: ShopWriter) -> list[Unit]:
        """Draw what a writer sends: new commands, what it is unsure of, what was sent before."""
        units = writer.work.units(UNITS_AT_ONCE)
        unsure = self._one().unsure
        if unsure and self._random.random() < 0.7:
            units = [*unsure[: UNITS_AT_ONCE], *units]
        if self._random.random() < 0.2:
            units.append(self._random.choice(self._sent))
        units = list({unit[0].id: unit for unit in units}.values())
        self._sent += units
        if self._random.random() < 0.1:
            known = self._random.choice(self._sent)
            if self._auditor.is_recorded(known[0].id):
                units.append(writer.work.other_use_of(known))
        self.report.commands += sum(map(len, units))
        return units

    def _send(self) -> None:
        writer = self._one()
        writer.send(self._drawn(writer))

    def _send_from_threads(self) -> None:
        writer = self._one()
        writer.send_together([self._drawn(writer) for _ in range(self._random.randint(2, 4))])

    def _send_at_once(self) -> None:
        drawn = [(writer, self._drawn(writer)) for writer in self._writers]
        sending = [self._pool.submit(writer.send, units) for writer, units in drawn]
        for each in sending:
            each.result()

    def _try_first(self) -> None:
        writer = self._one()
        units = writer.work.units(UNITS_AT_ONCE)
        before = len(self._auditor.rows)
        would = writer.try_out(units)
        self._auditor.audit()
        if any(each.has_held_back for each in self._writers):
            return                               # what arrives late may change what is judged
        assert len(self._auditor.rows) == before, "a dry run has recorded something"
        did = writer.send(units)
        self._sent += units
        self.report.commands += sum(map(len, units))
        if would is not None and did is not None:
            assert [(each.status, each.code) for each in would] == [
                (each.status, each.code) for each in did
            ]

    def _catch_up(self) -> None:
        self._one().catch_up()

    def _rebuild(self) -> None:
        self._one().rebuild()

    def _start_again(self) -> None:
        self._one().start_again()

    def _crash_server(self) -> None:
        """Crash the server, if it may be crashed."""
        if self._crash is not None:
            self._crash()
            self._auditor.close()
            self.report.crashes += 1
        self._send()

    def _crash_server_at_work(self) -> None:
        """Crash the server while the writers send, if it may be crashed."""
        if self._crash is None:
            self._send_at_once()
            return
        drawn = [(writer, self._drawn(writer)) for writer in self._writers]
        sending = [self._pool.submit(writer.send, units) for writer, units in drawn]
        wait(sending, timeout=self._random.uniform(0, 0.03))
        self._crash()
        self._auditor.close()
        self.report.crashes += 1
        for each in sending:
            each.result()

    # ------------------------------------------------------------------ the end

    def _send_for_good(self, units: list[Unit]) -> None:
        """Send units until they are answered; connections that were struck before may fail once."""
        writer = self._one()
        tries = (writer.send(units) for _ in range(_TRIES_WITHOUT_FAULTS))
        assert any(results is not None for results in tries), "it fails without any fault"

    def end(self) -> PostgresReport:
        """Stop the faults, send everything again, and compare every number."""
        for writer in self._writers:
            writer.proxy.calm()
        self._auditor.audit()
        everything = list({unit[0].id: unit for unit in self._sent}.values())
        for at in range(0, len(everything), 100):
            self._send_for_good(everything[at : at + 100])
        self._auditor.audit()
        with open_ledger(self._url, clock=still) as ledger:
            models = ReadModels(ledger)
            models.catch_up()
            verification = verify(models)
            assert verification.ok, verification.findings
            shop = self._auditor.shop
            compare_items(models, shop, shop.items)
            compare_reports(models, shop, shop.items)
            compare_orders(models, shop, shop.orders)
        assert_log_is_sound(self._url)
        self.report.recorded = len(self._auditor.rows)
        self.report.digest = sha256(repr([
            self._auditor.rows, [writer.proxy.strikes for writer in self._writers]
        ]).encode()).hexdigest()
        struck = sum((writer.proxy.struck for writer in self._writers), Counter[LinkFault]())
        self.report.faults = Counter({fault.value: times for fault, times in struck.items()})
        return self.report
