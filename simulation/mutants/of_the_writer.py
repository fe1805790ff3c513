"""Mutants of the writer: groups, outcomes, the cache of aggregates and group commit."""

from simulation.mutants.mutant import Mutant

_ENGINE = "ledger/store/engine/"
_WRITER = _ENGINE + "writer.py"
_GROUP = _ENGINE + "commit_group.py"

OF_THE_WRITER = (
    Mutant(
        "group-state-stays",
        "A group that failed leaves the aggregates as if it had been recorded.",
        _GROUP,
        "        for aggregate in saved.values():\n"
        "            self.aggregates.put(aggregate)\n"
        "            self._changed.pop(aggregate.id, None)\n",
        "",
        "sqlite", 1_000,
    ),
    Mutant(
        "group-recorded-in-part",
        "What came before the failure in a group is recorded all the same.",
        _GROUP,
        "        self.head = head\n"
        "        del self.events[events:], self.rows[rows:]\n",
        "",
        "sqlite", 1_000,
    ),
    Mutant(
        "queue-shared-with-its-image",
        "The image of an item from before a group shares its queue, so it is not rolled back.",
        "ledger/stock/open_lines.py",
        "        copy.queues = self.queues.copy()\n",
        "        copy.queues = self.queues\n",
        "sqlite", 2_000,
    ),
    Mutant(
        "state-kept-after-lost-race",
        "What was decided in a commit that lost the race to another writer stays in memory.",
        _WRITER,
        "            except HeadMoved:\n"
        "                self.aggregates.forget(group.touched)\n",
        "            except HeadMoved:\n",
        "postgresql", 2_000,
    ),
    Mutant(
        "state-kept-after-error",
        "What was decided in a commit that failed stays in memory.",
        _WRITER,
        "                self.aggregates.forget()\n"
        "                if not self._was_committed(group):\n",
        "                if not self._was_committed(group):\n",
        "sqlite", 1_000,
    ),
    Mutant(
        "failed-commit-taken-for-done",
        "A commit that ended in an error is always taken for one that was recorded.",
        _WRITER,
        "        return bool(ids) and all(\n",
        "        return bool(ids) or all(\n",
        "sqlite", 1_000,
    ),
    Mutant(
        "done-commit-taken-for-failed",
        "A commit whose confirmation was lost is always reported as not recorded.",
        _WRITER,
        "                if not self._was_committed(group):\n",
        "                if self._was_committed(group) is not None:\n",
        "postgresql", 2_000,
    ),
    Mutant(
        "other-writers-not-read",
        "What other writers have appended is not applied to the aggregates in memory.",
        _ENGINE + "aggregate_cache.py",
        "                self._apply(read_entries(events), occurred_at)\n",
        "                read_entries(events)\n",
        "postgresql", 2_000,
    ),
    Mutant(
        "sent-again-not-looked-up",
        "A command that was accepted is refused when it is sent again among many others.",
        _GROUP,
        "        if (ids and self._recorder.outcomes(ids)) or (\n",
        "        if (\n",
        "sqlite", 5_000,
    ),
    Mutant(
        "joined-not-looked-up",
        "Outcomes of commands that join a group while it waits for its turn are not looked up.",
        _GROUP,
        "            kept |= self._recorder.outcomes([*missing])\n",
        "",
        "sqlite", 1_000,
    ),
    Mutant(
        "fingerprint-not-compared",
        "Another command under a used id is answered as if it were the first one.",
        _ENGINE + "binding_outcomes.py",
        "    if kept.fingerprint == fingerprint:\n",
        "    if kept.fingerprint:\n",
        "sqlite", 5_000,
    ),
    Mutant(
        "refusals-not-written",
        "A refusal is answered, but it is stored only if something else is recorded with it.",
        _GROUP,
        "        if self.rows:\n            rows, index = rows_and_index(self.rows)\n",
        "        if self.events:\n            rows, index = rows_and_index(self.rows)\n",
        "sqlite", 2_000,
    ),
    Mutant(
        "recorded-time-repeats",
        "Two commands may be recorded at the same instant.",
        _GROUP,
        "        return max(self._clock(), self.head.recorded_at + 1)\n",
        "        return max(self._clock(), self.head.recorded_at)\n",
        "sqlite", 1_000,
    ),
    Mutant(
        "stop-ignored",
        "Commands after the first that failed are tried although the caller said stop.",
        _GROUP,
        "            if stop and any(",
        "            if False and any(",
        "sqlite", 2_000,
    ),
    Mutant(
        "snapshot-without-waiting-lines",
        "A snapshot leaves out the lines that wait and have nothing yet.",
        "ledger/stock/state.py",
        '            "lines": to_builtins([*self.lines.values()]),\n',
        '            "lines": to_builtins([x for x in self.lines.values() if x.allocated]),\n',
        "sqlite", 1_000,
    ),
    Mutant(
        "answered-to-the-wrong-caller",
        "The answers of a commit are handed to its callers in the wrong order.",
        _ENGINE + "group_commit.py",
        "        for job in jobs:\n            answered.append(",
        "        for job in reversed(jobs):\n            answered.append(",
        "sqlite", 1_000,
    ),
)
