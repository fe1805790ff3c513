"""One writer of an episode: a program with its own ledger, behind a network of its own."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from eventsourcing.persistence import IntegrityError

from simulation.postgres.auditor import Auditor
from simulation.postgres.fault_plan import FaultPlan
from simulation.postgres.proxy import PostgresProxy
from simulation.postgres.workload import ShopWork, Unit, rows_of_units
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.engine.group_commit import GroupCommit
from stocktrail.ledger.store.errors import NOT_KNOWN
from stocktrail.projections import ReadModels
from tests.commands.scenes import still

PASSING = frozenset(("storage_failed", "storage_busy"))
"""Codes of errors that a network or a server may cause; any other is a fault of the product.

So is a key that is there already: the head says whose turn it is, and settling what was recorded.
"""

_T = TypeVar("_T")


class ShopWriter:
    """Sends commands as a program does, and remembers of which it does not know the outcome.

    ``unsure`` are the units for which no answer came; they are to be sent again.
    """

    def __init__(
        self, name: str, seed: str, url: str, auditor: Auditor, errors: Counter[str],
        plan: FaultPlan, *, is_orderly: bool = False,
    ) -> None:
        self.name = name
        self.work = ShopWork(f"{seed}/{name}", name)
        self.proxy = PostgresProxy(url, plan, is_orderly=is_orderly)
        self.unsure: list[Unit] = []
        self._auditor = auditor
        self._errors = errors
        self._ledger: Ledger | None = None
        self._models: ReadModels | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.start_again()
        self.proxy.close()

    @property
    def has_held_back(self) -> bool:
        """Whether the network may still deliver what this writer has given up."""
        return self.proxy.holds_back

    def start_again(self) -> None:
        """End the program; the next call starts it again."""
        if self._ledger is not None:
            self._ledger.close()
        self._ledger = self._models = None

    # ------------------------------------------------------------------ what it does

    def send(self, units: Sequence[Unit]) -> list[Result] | None:
        """Send units; return their results, or ``None`` when the database failed on the way."""
        return self._send(units, None)

    def send_together(self, parts: Sequence[Sequence[Unit]]) -> None:
        """Send several lists of units from as many threads, through one group commit."""
        ledger, _ = self._trying(self._opened)
        if ledger is None:
            self.unsure += [unit for part in parts for unit in part if unit not in self.unsure]
            return
        with GroupCommit(ledger.writer) as group, ThreadPoolExecutor(len(parts)) as threads:
            sending = [threads.submit(self._send, part, group) for part in parts]
            for each in sending:
                each.result()

    def try_out(self, units: Sequence[Unit]) -> list[Result] | None:
        """Return what would become of units, or ``None`` when the database failed."""
        return self._trying(
            lambda: list(submit(self._opened(), [rows_of_units([*units])], dry_run=True))
        )[0]

    def catch_up(self) -> None:
        """Bring the read models up to date, as far as the database lets it."""
        self._trying(lambda: self._read_models().catch_up())

    def rebuild(self) -> None:
        """Rebuild the read models, as far as the database lets it."""
        self._trying(lambda: self._read_models().rebuild())

    # ------------------------------------------------------------------ how

    def _opened(self) -> Ledger:
        if self._ledger is None:
            self._ledger = open_ledger(self.proxy.url, clock=still)
        return self._ledger

    def _read_models(self) -> ReadModels:
        if self._models is None:
            self._models = ReadModels(self._opened())
        return self._models

    def _send(self, units: Sequence[Unit], group: GroupCommit | None) -> list[Result] | None:
        self._auditor.sends(units)
        results: list[Result] = []

        def send() -> None:
            for result in submit(self._opened(), [rows_of_units([*units])], writer=group):
                results.append(result)

        _, error = self._trying(send)
        if self.proxy.is_orderly and error and NOT_KNOWN not in error.message.lower():
            answered = {result.id for result in results}
            self._auditor.denied(unit for unit in units if unit[-1].id not in answered)
        loaded, unread = self._trying(lambda: [result.loaded() for result in results])
        self._auditor.answered(loaded or [])
        answered = {result.id for result in loaded or []}
        sent = {unit[0].id for unit in units}
        self.unsure = [unit for unit in self.unsure if unit[0].id not in sent] + [
            unit for unit in units if unit[-1].id not in answered
        ]
        return None if error or unread else loaded

    def _trying(self, do: Callable[[], _T]) -> tuple[_T | None, StorageError | None]:
        """Do something, and count and return the error when the database fails."""
        try:
            return do(), None
        except StorageError as error:
            if error.code not in PASSING or isinstance(error.__cause__, IntegrityError):
                raise
            self._errors[error.code] += 1
            return None, error
