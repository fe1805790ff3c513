"""Shrinking: the least that still shows a violation, so that somebody can look at it."""

from collections.abc import Callable

from simulation.faults import KINDS
from simulation.plan import Plan, Report
from simulation.running import run_episode

LEAST_COMMANDS = 20


def shrunken(report: Report, run: Callable[[Plan], Report] = run_episode) -> Report:
    """Return a report of a plan with fewer commands and fewer kinds of faults, violated too.

    Another violation counts as well: whatever is found in less is easier to mend first.
    """
    plan = report.plan
    commands = LEAST_COMMANDS
    while commands < plan.commands:
        tried = run(plan._replace(commands=commands))
        if tried.violation is not None:
            report = tried
            break
        commands *= 2
    for kind in KINDS:
        if report.faults.get(kind):
            tried = run(report.plan._replace(without=(*report.plan.without, kind)))
            if tried.violation is not None:
                report = tried
    return report


def command_of(plan: Plan) -> str:
    """Return the command that repeats a plan.

    >>> command_of(Plan(7, 40, ("kill",)))
    'python -m simulation --seed 7 --commands 40 --without kill'
    """
    without = f" --without {','.join(plan.without)}" if plan.without else ""
    return f"python -m simulation --seed {plan.seed} --commands {plan.commands}{without}"
