"""Running an import: its plan is tried as a whole, and recorded if nothing of it is refused."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.interfaces.importing.plan import ImportPlan, Planned

Submit = Callable[[Iterable[Sequence[Row]], bool], Iterable[Result]]
"""Submits rows, as a dry run where the second argument says so, and returns their results."""


class RefusedCommand(NamedTuple):
    """A command of the plan that the ledger does not take, and why."""

    planned: Planned
    result: Result

    @property
    def code(self) -> str:
        """The code of the refusal, or of the first thing that makes the command invalid."""
        return self.result.code or self.result.errors[0]["code"]

    @property
    def message(self) -> str:
        """Why it is refused."""
        return self.result.message or " ".join(each["message"] for each in self.result.errors)


class PlanOutcome(NamedTuple):
    """What became of a plan, or would become of it.

    ``statuses`` counts commands; ``refused`` are those that stand in the way of all others.
    ``position`` is where the ledger stood, ``None`` if nothing was sent.
    """

    is_dry_run: bool
    statuses: Counter[str]
    refused: list[RefusedCommand]
    position: int | None

    @property
    def is_recorded(self) -> bool:
        """Whether everything of the plan is in the ledger."""
        return not self.is_dry_run and not self.refused


def run_import(
    plan: ImportPlan, submit: Submit, *, dry_run: bool = False, skip_refused: bool = False
) -> PlanOutcome:
    """Record a plan, or say what would become of it.

    It is tried as a whole first, because a refusal of a try is not kept. Then it is recorded: all
    or nothing where it fits into a group, else group by group, and after a crash the same file goes
    on where it ended. ``skip_refused`` records what is not refused; what is refused is not sent, so
    that the same file is judged again when the reason is gone.
    """
    tried = _run(plan, submit, dry_run=True)
    if dry_run or (tried.refused and not skip_refused):
        return tried
    done = _run(plan.without(each.planned for each in tried.refused), submit, dry_run=False)
    if not tried.refused:
        return done
    return done._replace(
        statuses=done.statuses + Counter(rejected=len(tried.refused)),
        refused=[*tried.refused, *done.refused],
    )


def _run(plan: ImportPlan, submit: Submit, *, dry_run: bool) -> PlanOutcome:
    statuses: Counter[str] = Counter()
    refused: list[RefusedCommand] = []
    position: int | None = None
    for planned, result in zip(plan.planned, submit(plan.rows(), dry_run), strict=True):
        statuses[result.status] += 1
        reached = result.judged_at if dry_run else result.position
        position = max(position or 0, reached or 0)
        if result.status not in DONE and result.status not in ("group_failed", "skipped"):
            refused.append(RefusedCommand(planned, result))
    return PlanOutcome(dry_run, statuses, refused, position)
