"""Clients: they send a script sent by sent, and a sent again until it is answered.

A client outlives the program that it talks to, and remembers what it was told.
"""

import io
from collections.abc import Callable, Collection, Iterable, Sequence
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
    """Rows that are sent together, in a mode, and how many ``times`` that was tried.

    ``changed`` are ids under which other commands were accepted. Rows that are ``untried`` were
    skipped when they were sent before, so nothing of them can be known.
    """

    def __init__(
        self, rows: list[Drawn], mode: Mode, *, times: int = 0, changed: Collection[str] = (),
        untried: bool = False,
    ) -> None:
        self.rows = rows
        self.mode = mode
        self.times = times
        self.changed = changed
        self.untried = untried

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
        sent = self._chosen(again=again)
        sent.times += 1
        return sent

    def _chosen(self, *, again: bool) -> SentRows:
        if self._waiting:
            return self._waiting[0]
        if again and self._answered:
            sent = self._random.choice(self._answered[-5:])
            changed = self._changed(sent.rows)
            if changed and self._random.random() < 0.3:
                return SentRows(changed, "continue", changed=_ids(changed))
            return SentRows(sent.rows, sent.mode, times=1)
        return self._new_rows()

    def _new_rows(self) -> SentRows:
        units = [self._workload.unit() for _ in range(self._random.choice(_SIZES))]
        rows = [row for unit in units for row in unit]
        self._left -= len(rows)
        mode = self._random.choice(_MODES)
        changed: list[Drawn] = []
        if mode == "atomic":
            rows = [{k: v for k, v in row.items() if k != "group"} for row in rows]
            self._workload.join(rows)
        elif mode == "continue" and self._random.random() < 0.3:
            known = self._single_again()
            changed = self._changed(known[:1])
            for row in (*changed, *known[len(changed):]):
                units.insert(self._random.randint(0, len(units)), [row])
            rows = [row for unit in units for row in unit]
        self._waiting.append(SentRows(rows, mode, changed=_ids(changed)))
        return self._waiting[0]

    def _single_again(self) -> list[Drawn]:
        """Return a few rows that were answered before, to go among new ones."""
        rows = {row["id"]: row for sent in self._answered[-3:] for row in sent.rows}
        alone = [row for name, row in rows.items() if len(self._workload.units[name]) == 1]
        return self._random.sample(alone, min(3, len(alone)))

    def _changed(self, rows: Iterable[Drawn]) -> list[Drawn]:
        """Return other commands under ids of what was accepted."""
        accepted = [
            row for row in rows
            if self._check.acknowledged.get(row["id"], {}).get("status") == "accepted"
        ]
        return [row for each in accepted if (row := self._workload.changed(each)) is not None]

    def take_answers(self, sent: SentRows, answers: Sequence[Answer]) -> None:
        """Take the answers to rows that were sent, of which there must be one for each row."""
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
            if row["id"] in self._workload.invalid:
                require(answer["status"] == "invalid", CHECK, f"{row} is invalid, but {answer}")
                continue
            if row["id"] in sent.changed:
                status = answer["status"]
                require(status == "conflict", CHECK, f"{row} is another command, and {status}")
                continue
            if sent.untried and sent.times == 1:
                _require_unknown(row, answer)
            self._check.acknowledge(row, answer, now)
            if answer["status"] == "accepted":
                self._workload.learn(row)
        if sent in self._waiting:
            self._waiting.remove(sent)
        own = [row for row in sent.rows if row["id"] not in sent.changed]
        if own:
            self._answered.append(SentRows(own, sent.mode, times=sent.times))
        if skipped:
            self._waiting.append(SentRows(skipped, "continue", untried=sent.times == 1))


def _ids(rows: Iterable[Drawn]) -> Collection[str]:
    return {row["id"] for row in rows}


def _require_unknown(row: Drawn, answer: Answer) -> None:
    """Require that what was skipped has not been recorded all the same."""
    recorded = [
        event for event in answer.get("events", ()) if event.get("command_id") == row["id"]
    ]
    require(
        answer["status"] != "duplicate" or not recorded, CHECK,
        f"{row} was skipped, and is recorded: {answer}",
    )
