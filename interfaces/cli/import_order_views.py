"""What an import of orders says for people: what it places, what is closed, and what differs."""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.import_views import (
    MOST_FINDINGS_SHOWN,
    outcome_as_json,
    reading_as_json,
    show_changes,
    show_findings,
    show_reading,
)
from stocktrail.interfaces.cli.session import Session
from stocktrail.interfaces.cli.wording import count, plain

if TYPE_CHECKING:
    from stocktrail.interfaces.importing.orders.order_import import OrderImport
    from stocktrail.interfaces.importing.run import PlanOutcome

_BACKORDERS = (
    "These orders were taken already: let their items be backordered while they are imported, with "
    "`stocktrail set-backorder-policy --backorders allow`, and take that back with `--backorders "
    "inherit`."
)


def order_import_as_json(found: "OrderImport", outcome: "PlanOutcome | None") -> dict[str, Any]:
    """Return an import of orders as JSON values."""
    return (
        reading_as_json(found.layout)
        | {"format": found.called, "open": found.open, "closed": dict(found.closed),
           "differences": [each.as_json() for each in found.differences]}
        | outcome_as_json(found.plan, found.findings, outcome)
    )


def show_order_import(
    session: Session, found: "OrderImport", outcome: "PlanOutcome | None"
) -> None:
    """Write how a file of orders was read, what it changes, what differs, and what became of it."""
    show_reading(session, found.layout, found.called, found.layout.fields)
    session.screen.say(_counted(found))
    show_changes(session, found.plan.without(
        each.planned for each in (outcome.refused if outcome else ())
    ))
    _show_differences(session, found)
    show_findings(session, found.findings)
    _show_refused(outcome)
    _show_end(session, found, outcome)


def _counted(found: "OrderImport") -> str:
    """Return how many orders the file has, and why the closed ones are."""
    closed = sum(found.closed.values())
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in found.closed.most_common())
    return (
        f"{count(found.open + closed, 'order')}: {found.open:,} open, "
        f"{closed:,} closed{f' ({reasons})' if reasons else ''}."
    )


def _show_differences(session: Session, found: "OrderImport") -> None:
    if not found.differences:
        return
    session.screen.heading("Known already, and different")
    session.screen.table(
        ("order", "#row", "item", "in the file", "in the ledger"),
        [
            (each.key, "" if each.row is None else each.row, each.about, each.in_file,
             each.in_ledger)
            for each in found.differences[:MOST_FINDINGS_SHOWN]
        ],
    )
    rest = len(found.differences) - MOST_FINDINGS_SHOWN
    if rest > 0:
        session.screen.say(f"... and {rest:,} more; see all of them with --json.")
    session.screen.say(
        "An order is placed once: tell what became of it with the commands that say so, such as "
        f"{found.later_commands}."
    )


def _show_refused(outcome: "PlanOutcome | None") -> None:
    refused = outcome.refused if outcome else []
    sys.stdout.flush()
    for each in refused[:MOST_FINDINGS_SHOWN]:
        row = "" if each.planned.row is None else f"Row {each.planned.row:,}, "
        print(plain(
            f"{row}{each.planned.what} {each.planned.subject}: {each.message} [{each.code}]"
        ), file=sys.stderr)
    if len(refused) > MOST_FINDINGS_SHOWN:
        print(f"... and {len(refused) - MOST_FINDINGS_SHOWN:,} more; see all of them with --json.",
              file=sys.stderr)
    if any(each.code == "not_enough_salable" for each in refused):
        print(_BACKORDERS, file=sys.stderr)


def _show_end(session: Session, found: "OrderImport", outcome: "PlanOutcome | None") -> None:
    """Write what became of the import."""
    if outcome is None:
        wrong = count(found.findings.wrong_rows, "row")
        session.screen.say("", (
            f"Nothing was recorded: {wrong} cannot be imported. Mend the file and send it again, "
            "or leave the orders of these rows out with --skip-wrong."
        ))
        return
    taken = found.plan.without(each.planned for each in outcome.refused)
    counts = Counter(each.what for each in taken.planned)
    done = ", ".join(f"{what} {number:,}" for what, number in counts.items())
    said = [f"{done}." if done else "Nothing to record."]
    if found.plan.unchanged:
        said.append(f"{count(found.plan.unchanged, 'order')} known already, without a difference.")
    if outcome.refused:
        said.append(f"{count(len(outcome.refused), 'order')} refused.")
    if not outcome.is_dry_run:
        said.append(f"The ledger is at position {outcome.position:,}." if counts else "")
    elif outcome.refused:
        others = "; --skip-wrong records the others" if done else ""
        said.append(f"Nothing was recorded{others}.")
    else:
        said.append(f"Dry run at position {outcome.position or 0:,}: nothing was recorded.")
    session.screen.say("", " ".join(filter(None, said)))
