"""A day in a small shop, sent to a real ledger in scripts, until each command has its outcome."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any

from simulation.disk.files import Disk
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.refusal import is_kept
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.outcome import Outcome
from stocktrail.ledger.store.sqlite import unsynced
from stocktrail.projections import ReadModels

Row = dict[str, Any]

SKUS = ("TEA", "SUGAR", "MILK")
ATTEMPTS = 200


class ShopDay:
    """Sends scripts of a few commands each, and brings the read models up to date in between.

    ``acknowledged`` holds the results that were answered, in order. After an error of the storage
    the same script is sent again, as the message says; ``mend`` is called before, with the error.
    """

    def __init__(self, chance: Random, url: str, clock: Callable[[], int], scripts: int) -> None:
        self._chance = chance
        self.url = url
        self._clock = clock
        self.scripts = [_opening(), *(self._script(number) for number in range(scripts))]
        self.acknowledged: list[Result] = []
        self.errors: list[StorageError] = []

    def pass_by(self, mend: Callable[[StorageError], None] | None = None) -> dict[str, Outcome]:
        """Send everything, and return the outcomes of all commands by their ids."""
        waiting = list(self.scripts)
        reopens = {self._chance.randrange(len(waiting)) for _ in range(2)}
        for _ in range(ATTEMPTS):
            try:
                with open_ledger(self.url, clock=self._clock) as ledger:
                    while waiting:
                        self._send(ledger, waiting[0])
                        waiting.pop(0)
                        if self._chance.random() < 0.3:
                            ReadModels(ledger).catch_up()
                        if len(waiting) in reopens:
                            reopens.discard(len(waiting))
                            break
                    if not waiting:
                        ids = [str(row["id"]) for script in self.scripts for row in script]
                        return ledger.outcomes_of(ids)
            except StorageError as error:
                self.errors.append(error)
                if mend is None:
                    raise
                mend(error)
        raise AssertionError(f"not done after {ATTEMPTS} attempts: {self.errors[-1]}")

    def kept_answers(self) -> list[str | None]:
        """Return the id of each answer that was kept, ``None`` where it leaves the id free."""
        return [
            str(each.id) if each.code is None or is_kept({"code": each.code}) else None
            for each in self.acknowledged
        ]

    def outcomes_of_answers(self, kept: Mapping[str, Outcome]) -> list[Outcome | None]:
        """Return the outcome behind each answer, ``None`` where none was kept."""
        return [None if each is None else kept[each] for each in self.kept_answers()]

    def _send(self, ledger: Ledger, script: list[Row]) -> None:
        lines = b"".join(json.dumps(row).encode() + b"\n" for row in script)
        self.acknowledged.extend(submit(ledger, read_json_lines(io.BytesIO(lines))))

    def _script(self, number: int) -> list[Row]:
        rows: list[Row] = []
        for place in range(self._chance.choice((1, 1, 2, 5))):
            rows += self._rows(f"{number}-{place}", number)
        return rows

    def _rows(self, name: str, number: int) -> list[Row]:
        chance = self._chance
        what = chance.random()
        if what < 0.5:
            return [self._order(name)]
        if what < 0.65:
            return [self._order(f"{name}-{member}", group=name) for member in "abc"]
        if what < 0.8:
            before = f"{chance.randrange(number + 1)}-0"
            return [{"command": "cancel-order", "order": before, "id": f"cancel {name}"}]
        return [{
            "command": "receive-stock", "sku": chance.choice(SKUS), "quantity": 3,
            "id": f"receive {name}",
        }]

    def _order(self, name: str, **fields: str) -> Row:
        skus = self._chance.sample(SKUS, self._chance.randint(1, 3))
        lines = [{"sku": sku, "quantity": self._chance.randint(1, 4)} for sku in skus]
        return {
            "command": "place-order", "order": name, "customer": "C-1" * 40, "lines": lines,
            "id": name, **fields,
        }


def _opening() -> list[Row]:
    rows: list[Row] = [
        {"command": "register-product", "sku": sku, "id": f"register {sku}"} for sku in SKUS
    ]
    rows += [
        {"command": "receive-stock", "sku": sku, "quantity": 60, "id": f"opening {sku}"}
        for sku in SKUS
    ]
    return [*rows, {
        "command": "set-backorder-policy", "backorders": "allow", "sku": "MILK", "id": "policy",
    }]


@contextmanager
def copied_often(*, often: bool) -> Iterator[None]:
    """Let the write-ahead log be copied into the file after a few commits, if so wished."""
    before = unsynced.PAGES_BETWEEN_COPIES, unsynced.CHANGES_BETWEEN_COPIES
    if often:
        unsynced.PAGES_BETWEEN_COPIES, unsynced.CHANGES_BETWEEN_COPIES = 20, 60
    try:
        yield
    finally:
        unsynced.PAGES_BETWEEN_COPIES, unsynced.CHANGES_BETWEEN_COPIES = before


def require_no_errors(disk: Disk) -> None:
    """Raise what went wrong in the simulation itself, if anything did."""
    if disk.errors:
        raise disk.errors[0]
