"""Clients: they send a script sent by sent, and a sent again until it is answered.

A client outlives the program that it talks to, and remembers what it was told.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from random import Random

import orjson

from simulation.checks.log_check import Answer, LogCheck
from simulation.checks.violation import require
from simulation.workload import Row as Drawn
from simulation.workload import Workload
from stocktrail.commands.scripts.reading import Row, read_json_lines
from stocktrail.commands.scripts.submission import Mode

CHECK = "client"
_MODES: tuple[Mode, ...] = ("continue", "continue", "continue", "continue", "stop", "atomic")
_SIZES = (1, 1, 2, 5, 10, 20, 30, 60)


class SentRows:
    """Rows that are sent together, in a mode; ``is_changed`` under ids of other commands."""

    def __init__(self, rows: list[Drawn], mode: Mode, *, is_changed: bool = False) -> None:
        self.rows = rows
        self.mode = mode
        self.is_changed = is_changed

    def read(self) -> Iterable[Sequence[Row]]:
        """Return the rows as the product reads them from a script."""
        return read_json_lines(io.BytesIO(b"".join(orjson.dumps(row) + b"\n" for row in self.rows)))


class ScriptClient:
    """Sends ``commands`` commands in all; ``is_done`` when everything was answered."""

    def __init__(
        self, name: str, workload: Workload, check: LogCheck, random: Random, commands: int,
        now: Callable[[], int],
    ) -> None:
        self.name = name
        self._workload = workload
        self._check = check
        self._random = random
        self._left = commands
        self._now = now
        self._waiting: list[SentRows] = []
        self._answered: list[SentRows] = []
        self.answers = 0

    @property
    def is_done(self) -> bool:
        """Whether everything was answered."""
        return self._left <= 0 and not self._waiting

    def begin_with(self, rows: list[Drawn]) -> None:
        """Send these first."""
        self._waiting.append(SentRows(rows, "continue"))

    def next(self, *, again: bool) -> SentRows:
        """Return what to send now: what was not answered, something again, or something new."""
        if self._waiting:
            return self._waiting[0]
        if again and self._answered:
            sent = self._random.choice(self._answered[-5:])
            changed = self._changed(sent)
            if changed and self._random.random() < 0.3:
                return SentRows(changed, "continue", is_changed=True)
            return SentRows(sent.rows, sent.mode)
        units = [self._workload.unit() for _ in range(self._random.choice(_SIZES))]
        rows = [row for unit in units for row in unit]
        mode = self._random.choice(_MODES)
        if mode == "atomic":
            rows = [{k: v for k, v in row.items() if k != "group"} for row in rows]
            self._workload.join(rows)
        self._left -= len(rows)
        if mode == "continue" and self._random.random() < 0.2:
            rows += self._single_again()
        self._waiting.append(SentRows(rows, mode))
        return self._waiting[0]

    def _single_again(self) -> list[Drawn]:
        """Return a few rows that were answered before, to go among new ones."""
        rows = [row for sent in self._answered[-3:] for row in sent.rows]
        alone = [row for row in rows if len(self._workload.units[row["id"]]) == 1]
        return self._random.sample(alone, min(3, len(alone)))

    def _changed(self, sent: SentRows) -> list[Drawn]:
        """Return other commands under ids of what was accepted."""
        accepted = [
            row for row in sent.rows
            if self._check.acknowledged.get(row["id"], {}).get("status") == "accepted"
        ]
        return [row for each in accepted if (row := self._workload.changed(each)) is not None]

    def take_answers(self, sent: SentRows, answers: Sequence[Answer]) -> None:
        """Take the answers to a sent, of which there must be one for each row."""
        require(len(answers) == len(sent.rows), CHECK, f"{len(answers)} answers to {sent.rows}")
        skipped: list[Drawn] = []
        now = self._now()
        for row, answer in zip(sent.rows, answers, strict=True):
            require(answer["id"] == row["id"], CHECK, f"the answer to {row} is {answer}")
            if answer["status"] == "skipped":
                skipped.append(row)
                continue
            require(not skipped or sent.mode != "stop", CHECK, f"after {skipped} came {answer}")
            self.answers += 1
            if sent.is_changed:
                status = answer["status"]
                require(status == "conflict", CHECK, f"{row} is another command, and {status}")
                continue
            self._check.acknowledge(row, answer, now)
            if answer["status"] == "accepted":
                self._workload.learn(row)
        if sent in self._waiting:
            self._waiting.remove(sent)
        if not sent.is_changed:
            self._answered.append(sent)
        if skipped:
            self._waiting.append(SentRows(skipped, "continue"))
