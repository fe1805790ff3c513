"""What an import says for people: how it read the file, what it changes, and what was found."""

import sys
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.session import Session
from stocktrail.interfaces.cli.wording import count, plain, shortened

if TYPE_CHECKING:
    from stocktrail.interfaces.importing.findings import Findings
    from stocktrail.interfaces.importing.header import Layout
    from stocktrail.interfaces.importing.plan import ImportPlan
    from stocktrail.interfaces.importing.run import PlanOutcome

MOST_CHANGES_SHOWN = 40
MOST_FINDINGS_SHOWN = 50


def reading_as_json(layout: "Layout") -> dict[str, Any]:
    """Return how a file was read as JSON values."""
    return {
        "file": layout.table.name, "read_as": layout.table.told, "header_row": layout.header_row,
        "columns": layout.columns, "set": dict(layout.constants), "ignored": layout.ignored,
    }


def outcome_as_json(
    plan: "ImportPlan", findings: "Findings", outcome: "PlanOutcome | None"
) -> dict[str, Any]:
    """Return what an import changes, what was found, and what became of it as JSON values."""
    return {
        "is_recorded": outcome is not None and outcome.is_recorded,
        "dry_run": outcome is not None and outcome.is_dry_run,
        "counts": dict(Counter(each.what for each in plan.planned)), "unchanged": plan.unchanged,
        "changes": [each.as_json() for each in plan.planned],
        "errors": [each.as_json() for each in findings.errors],
        "notes": [each.as_json() for each in findings.notes],
        "refused": [
            each.planned.as_json() | {"code": each.code, "message": each.message}
            for each in (outcome.refused if outcome else ())
        ],
        "statuses": dict(outcome.statuses) if outcome else {},
        "position": outcome.position if outcome else None,
    }


def show_reading(
    session: Session, layout: "Layout", called: str, named: Collection[str]
) -> None:
    """Write how a file was read: its format, its columns, and what is ignored of it.

    ``named`` are the fields that people know by their names.
    """
    said = [
        f"{layout.table.name}: {layout.table.told}, read as {called}; header in row "
        f"{layout.header_row:,}.",
        "Read: " + ", ".join(
            f"{heading} = {field}" if field in named and field != heading else heading
            for field, heading in layout.columns.items()
        ) + ".",
    ]
    if layout.constants:
        said.append("For all rows: " + ", ".join(
            f"{field} = {shortened(value)}" for field, value in layout.constants.items()
        ) + ".")
    if layout.ignored:
        said.append(f"Ignored: {', '.join(map(shortened, layout.ignored))}.")
    session.screen.say(*said)


def show_changes(session: Session, plan: "ImportPlan") -> None:
    """Draw what an import changes, of a long one its beginning."""
    shown = [each for _, each in zip(range(MOST_CHANGES_SHOWN), plan.planned, strict=False)]
    if not shown:
        return
    session.screen.heading("What it changes")
    session.screen.table(
        ("#row", "what", "of", "at", "~now", "~then"),
        [
            ("" if each.row is None else each.row, each.what, each.subject, each.at, each.before,
             each.after)
            for each in shown
        ],
    )
    if len(plan) > len(shown):
        session.screen.say(
            f"... and {len(plan) - len(shown):,} more; see all of them with --json or --commands."
        )


def show_findings(session: Session, findings: "Findings") -> None:
    """Write what was found: notes among the answer, errors on stderr."""
    notes = [plain(each.sentence) for each in findings.notes]
    if notes:
        session.screen.heading("To be known")
        session.screen.say(*_first(notes))
    sys.stdout.flush()
    _complain(findings)


def print_commands(
    session: Session, plan: "ImportPlan", findings: "Findings", *, status: int, skip_wrong: bool
) -> int:
    """Write the commands of a plan as a script, and return the exit status.

    What was found is said on stderr, notes too. Where something is wrong, the ``status`` says so,
    and nothing is written unless that is to be skipped.
    """
    for sentence in _first([plain(each.sentence) for each in findings.notes]):
        print(sentence, file=sys.stderr)
    _complain(findings)
    if not status or skip_wrong:
        for line in plan.lines():
            session.write_line(line)
    return status


def _complain(findings: "Findings") -> None:
    for sentence in _first([
        f"{plain(each.sentence)} [{each.code}]" for each in findings.errors
    ]):
        print(sentence, file=sys.stderr)


def show_end(
    session: Session, plan: "ImportPlan", findings: "Findings", outcome: "PlanOutcome | None"
) -> None:
    """Write in one sentence what became of the import."""
    for refused in outcome.refused[:MOST_FINDINGS_SHOWN] if outcome else ():
        row = "" if refused.planned.row is None else f"Row {refused.planned.row:,}, "
        print(plain(
            f"{row}{refused.planned.what} {refused.planned.subject}: {refused.message} "
            f"[{refused.code}]"
        ), file=sys.stderr)
    if outcome is None:
        session.screen.say("", (
            f"Nothing was recorded: {count(findings.wrong_rows, 'row')} cannot be imported. Mend "
            "the file and send it again, or record the other rows with --skip-wrong."
        ))
        return
    if outcome.refused:
        session.screen.say("", "Nothing was recorded, because the ledger refuses the above.")
        return
    session.screen.say("", _summary(plan, outcome))


def _summary(plan: "ImportPlan", outcome: "PlanOutcome") -> str:
    counts = Counter(each.what for each in plan.planned)
    unchanged = f"{count(plan.unchanged, 'item')} as the ledger shows them already"
    if not counts:
        return f"Nothing to record: {unchanged}."
    parts = [f"{what} {number:,}" for what, number in counts.items()]
    if plan.unchanged:
        parts.append(unchanged)
    end = (
        f"Dry run at position {outcome.position or 0:,}: nothing was recorded."
        if outcome.is_dry_run else f"The ledger is at position {outcome.position:,}."
    )
    return f"{count(len(plan), 'command')}: {', '.join(parts)}. {end}"


def _first(sentences: Sequence[str]) -> list[str]:
    shown = list(sentences[:MOST_FINDINGS_SHOWN])
    if len(sentences) > len(shown):
        shown.append(f"... and {len(sentences) - len(shown):,} more; see all of them with --json.")
    return shown
