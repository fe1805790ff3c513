"""The check of the log: gapless, in order, one outcome an id, nothing acknowledged lost."""

from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from simulation.checks.raw_rows import RawRow, read_raw_log
from simulation.checks.reference import Reference
from simulation.checks.violation import Violation, require
from simulation.workload import Row, Workload

CHECK = "log"
SURVIVAL = "power cut"
KEPT = ("accepted", "rejected", "group_failed")

Answer = dict[str, Any]
"""A result as a client got it."""


class Claim(NamedTuple):
    """A refusal that is not kept, to be judged when the reference stands where it was judged."""

    row: Row
    answer: Answer
    at: int


class LogCheck:
    """Follows one log from outside, and remembers what clients were told about it."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self.acknowledged: dict[str, Answer] = {}
        self._uncompared: list[str] = []
        self.reference = Reference()
        self.rows: dict[str, RawRow] = {}
        self.sequence = self.position = self.recorded_at = 0
        self.versions: dict[str, int] = {}
        self.events: list[tuple[str, str]] = []
        self._unkept: list[Claim] = []
        self.judged = 0

    # ------------------------------------------------------------------ what clients are told

    def acknowledge(self, row: Row, answer: Answer, now: int) -> None:
        """Take note of an answer that reached a client, and compare it with earlier ones."""
        name, status = row["id"], answer["status"]
        require(
            answer["id"] == name and answer["command"] == row["command"], CHECK,
            f"the answer to {row} is that of another command: {answer}",
        )
        before = self.acknowledged.get(name)
        if status == "duplicate" or before is not None:
            self._compare(row, before, answer)
        if status in ("accepted", "duplicate"):
            if name not in self.acknowledged:
                self.acknowledged[name] = answer
                self._uncompared.append(name)
        elif status in ("rejected", "group_failed"):
            if "first_judged_at" in answer or status == "group_failed":
                return
            self._unkept.append(Claim(row, answer, now))
        else:
            require(False, CHECK, f"{row} was answered with {answer}")

    def _compare(self, row: Row, before: Answer | None, answer: Answer) -> None:
        if before is None:
            return
        require(
            answer["status"] == "duplicate", CHECK,
            f"{row} was {before['status']} and, sent again, is {answer['status']}",
        )
        same = ("events", "position", "messages")
        require(
            all(answer[name] == before[name] for name in same), CHECK,
            f"sent again, {row['id']} has another result: {before} became {answer}",
        )

    # ------------------------------------------------------------------ what the log holds

    def follow(self, path: Path) -> None:
        """Check what the file has gained, and that everything acknowledged is in it."""
        log = read_raw_log(path, self.sequence)
        if log is None:
            require(not self.acknowledged, CHECK, "the tables of the log are gone")
            return
        groups = _by_group(log.rows)
        for row in log.rows:
            self._take(row, groups)
        head = (self.sequence, self.position)
        require(log.head[:2] == head, CHECK, f"the head says {log.head}, the rows end at {head}")
        self._require_acknowledged()
        self._judge_rest()

    def begin_again(self) -> None:
        """Forget what was read, because the machine lost power: what nobody knew may be gone."""
        self.reference = Reference()
        self.rows, self.versions, self.events = {}, {}, []
        self.sequence = self.position = self.recorded_at = 0
        self._unkept.clear()
        self._uncompared = list(self.acknowledged)

    def _take(self, row: RawRow, groups: dict[int, list[str]]) -> None:
        self._judge_before(row)
        if row.sequence != self.sequence + 1:
            raise Violation(CHECK, f"after row {self.sequence} comes {row}")
        if row.first_position != self.position + 1:
            raise Violation(CHECK, f"a hole before {row}")
        if len(row.events) != row.last_position - self.position:
            raise Violation(CHECK, f"the positions of {row} are not those of its events")
        if row.recorded_at <= self.recorded_at:
            raise Violation(CHECK, f"the clock went back at {row}")
        self.sequence, self.position = row.sequence, row.last_position
        self.recorded_at = row.recorded_at + len(row.events) - 1
        for event in row.events:
            version = self.versions.get(event["stream"], 0) + 1
            if event["version"] != version:
                raise Violation(CHECK, f"{event} is not version {version}")
            self.versions[event["stream"]] = version
            self.events.append((event["stream"], event["type"]))
        if row.command_id is not None:
            self._take_outcome(row, groups)

    def _take_outcome(self, row: RawRow, groups: dict[int, list[str]]) -> None:
        name = normalize("NFC", str(row.command_id))
        if name not in self._workload.rows or name in self._workload.invalid:
            raise Violation(CHECK, f"nobody sent a command that is {row}")
        if name in self.rows:
            raise Violation(CHECK, f"{name} has two outcomes: {row}")
        if row.status not in KEPT:
            raise Violation(CHECK, f"the status of {row} is unknown")
        self.rows[name] = row
        sent = self._workload.rows[name]
        if (row.actor, row.correlation_id) != (sent.get("actor"), sent.get("correlation_id")):
            raise Violation(CHECK, f"the headers of {row} are not those of {sent}")
        unit = self._workload.units[name]
        if row.status == "accepted":
            if len(unit) == 1 and row.group_sequence is not None:
                raise Violation(CHECK, f"{row} was alone")
            self.reference.take(row, sent)
            together = [name] if row.group_sequence is None else groups[row.group_sequence]
            if len(unit) > 1 and name == together[-1]:
                self._require_whole(unit, together)
        elif row.status == "rejected":
            code = row.result.get("code")
            self.reference.judge(sent, row.occurred_at, code=code, before=self._before(name))
        else:
            failed = row.result.get("failed_id")
            require(failed in unit and failed != name, CHECK, f"{row} names another group")

    def _require_whole(self, members: list[str], together: list[str]) -> None:
        """Require that a group was recorded as one, but for members that were known before."""
        ordered = [each for each in members if each in together]
        require(together == ordered, CHECK, f"of the group {members} {together} was recorded")
        for each in members:
            if each not in self.rows:
                self.reference.require_known(self._workload.rows[each])

    def _before(self, name: str) -> list[Row]:
        """Return the members of a group that go before one, as far as they were to be recorded."""
        members = self._workload.units[name]
        return [
            self._workload.rows[each] for each in members[: members.index(name)]
            if each not in self.rows or self.rows[each].status != "accepted"
        ]

    def _require_acknowledged(self) -> None:
        """Compare what was acknowledged since it was last compared: what is checked stays."""
        for name in self._uncompared:
            answer, row = self.acknowledged[name], self.rows.get(name)
            if row is None:
                if answer["status"] == "accepted" and answer["events"]:
                    raise Violation(CHECK, f"{name} was acknowledged and is lost: {answer}")
                continue
            told = [(each["stream"], each["version"]) for each in answer["events"]]
            kept = [(each["stream"], each["version"]) for each in row.events]
            place = (answer["position"], "accepted")
            if told != kept or place != (row.last_position, row.status):
                raise Violation(CHECK, f"{name} was told {answer}, the log says {row}")
        self._uncompared.clear()

    def require_survival(self, path: Path) -> None:
        """Require that a file that a power cut would leave now holds all that was acknowledged."""
        log = read_raw_log(path, 0)
        kept = {} if log is None else {row.sequence: row for row in log.rows}
        require(list(kept) == list(range(1, len(kept) + 1)), SURVIVAL, "the rows have holes")
        for row in self.rows.values():
            if row.sequence not in kept:
                if normalize("NFC", str(row.command_id)) in self.acknowledged:
                    raise Violation(SURVIVAL, f"{row} would be lost")
            elif kept[row.sequence] != row:
                raise Violation(SURVIVAL, f"{row} would be {kept[row.sequence]}")

    # ------------------------------------------------------------------ refusals that are not kept

    def _judge_before(self, row: RawRow) -> None:
        """Judge what was refused where the reference stands now, before the log goes on."""
        if not row.events:
            return
        self._judge(lambda position: position < row.first_position)

    def _judge_rest(self) -> None:
        self._judge(lambda position: position <= self.position)

    def _judge(self, is_due: Any) -> None:
        due = [each for each in self._unkept if is_due(each.answer["position"])]
        if not due:
            return
        self._unkept = [each for each in self._unkept if not is_due(each.answer["position"])]
        for row, answer, at in due:
            if answer["position"] != self.reference.position:
                continue                     # the log had gone on before the answer came
            self.judged += 1
            before = self._before(row["id"])
            self.reference.judge(row, at, code=answer["code"], before=before)


def _by_group(rows: list[RawRow]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for row in rows:
        if row.group_sequence is not None and row.command_id is not None:
            groups.setdefault(row.group_sequence, []).append(normalize("NFC", row.command_id))
    return groups
