"""What a reconciliation says: each difference, what moved there before, and what nobody counted."""

import sys
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.import_views import (
    MOST_FINDINGS_SHOWN,
    outcome_as_json,
    reading_as_json,
    show_findings,
    show_reading,
)
from stocktrail.interfaces.cli.session import Session
from stocktrail.interfaces.cli.wording import count, moment, plain, signed
from stocktrail.ledger.quantity import to_number

if TYPE_CHECKING:
    from stocktrail.interfaces.importing.counts.moved import Moves
    from stocktrail.interfaces.importing.counts.reconciliation import (
        ComparedCount,
        Reconciliation,
    )
    from stocktrail.interfaces.importing.run import PlanOutcome
    from stocktrail.projections.read_models import ReadModels

MOST_DIFFERENCES_SHOWN = 40
MOST_HISTORIES_SHOWN = 10
MOST_MOVES_SHOWN = 8


def reconciliation_as_json(
    found: "Reconciliation", models: "ReadModels", outcome: "PlanOutcome | None"
) -> dict[str, Any]:
    """Return a reconciliation as JSON values: every count, and of those that differ the moves."""
    return (
        reading_as_json(found.layout)
        | {
            "counts_compared": len(found.compared),
            "differences": [_difference(each, models) for each in found.differences],
            "uncounted": [
                {"sku": each.sku, "source": each.source, "on_hand": to_number(each.on_hand)}
                for each in found.uncounted
            ],
        }
        | outcome_as_json(found.plan, found.findings, outcome)
        | {"refused": [
            each.planned.as_json() | {"code": each.code, "message": each.message}
            for each in found.refused
        ]}
    )


def _difference(each: "ComparedCount", models: "ReadModels") -> dict[str, Any]:
    moves = each.moves(models)
    return {
        "row": each.item.row, "sku": each.item.sku, "source": each.item.source,
        "expected": to_number(each.expected), "counted": to_number(each.item.counted),
        "difference": to_number(each.difference), "on_hand": to_number(each.on_hand),
        "on_hand_after": to_number(each.on_hand + each.gained),
        "last_count": moves.last_count, "moved_before": list(moves.before),
        "moved_since": list(moves.after),
    }


def show_reconciliation(
    session: Session, found: "Reconciliation", models: "ReadModels",
    outcome: "PlanOutcome | None", *, applies: bool,
) -> None:
    """Write a reconciliation: differences with their history, what is uncounted, what became."""
    show_reading(session, found.layout, "a count", found.layout.fields)
    _show_differences(session, found, models)
    _show_uncounted(session, found)
    show_findings(session, found.findings)
    sys.stdout.flush()
    for each in found.refused[:MOST_FINDINGS_SHOWN]:
        print(plain(
            f"Row {each.planned.row}, {each.planned.subject}: {each.message} [{each.code}]"
        ), file=sys.stderr)
    session.screen.say("", _end(found, outcome, applies=applies))


def _show_differences(session: Session, found: "Reconciliation", models: "ReadModels") -> None:
    differences = sorted(found.differences, key=lambda each: -abs(each.difference))
    if not differences:
        return
    session.screen.heading("Differences")
    histories = [each.moves(models) for each in differences[:MOST_DIFFERENCES_SHOWN]]
    session.screen.table(
        ("#row", "item", "source", "#expected", "#counted", "#difference", "#moved since",
         "#on hand then"),
        [
            (each.item.row or "", each.item.sku, each.item.source, to_number(each.expected),
             to_number(each.item.counted), signed(to_number(each.difference)),
             signed(to_number(moves.moved_after)), to_number(each.on_hand + each.gained))
            for each, moves in zip(differences, histories, strict=False)
        ],
    )
    rest = len(differences) - MOST_DIFFERENCES_SHOWN
    if rest > 0:
        session.screen.say(f"... and {rest:,} more; see all of them with --json.")
    shown = zip(differences[:MOST_HISTORIES_SHOWN], histories, strict=False)
    for each, moves in shown:
        _show_history(session, each, moves)
    if len(differences) > MOST_HISTORIES_SHOWN:
        session.screen.say(
            "", "What moved the others is in --json, and in `stocktrail history SKU --occurred`."
        )


def _show_history(session: Session, each: "ComparedCount", moves: "Moves") -> None:
    session.screen.heading(f"{each.item.sku} at {each.item.source}: {_since(moves)}")
    rows = list(moves.before)
    if not rows:
        return
    session.screen.table(
        ("~occurred", "~what", "#change", "~by"),
        [
            (moment(row["occurred_at"]), row["cause"], signed(row["delta"]),
             row["actor"] or row["credential"] or "")
            for row in rows[-MOST_MOVES_SHOWN:]
        ],
    )
    if len(rows) > MOST_MOVES_SHOWN:
        session.screen.say(f"and {len(rows) - MOST_MOVES_SHOWN:,} before these.")


def _since(moves: "Moves") -> str:
    """Return when it was last counted, and what has moved it since, in one line."""
    kinds = ", ".join(
        f"{kind} {signed(to_number(delta))}" for kind, delta in moves.by_kind().items()
    ) or "nothing moved"
    last = moves.last_count
    if last is None:
        return f"not counted before; {kinds}"
    by = f" by {last['actor']}" if last["actor"] else ""
    return f"{last['quantity_after']} on {moment(last['occurred_at'])}{by}; since then {kinds}"


def _show_uncounted(session: Session, found: "Reconciliation") -> None:
    if not found.uncounted:
        return
    session.screen.heading("Not counted")
    session.screen.table(
        ("item", "source", "#on hand"),
        [(each.sku, each.source, to_number(each.on_hand)) for each in found.uncounted[:20]],
    )
    more = f" The first 20 of {len(found.uncounted):,}; see all of them with --json." if (
        len(found.uncounted) > 20
    ) else ""
    session.screen.say(f"They stay as they are. --rest-is-nothing takes them for gone.{more}")


def _end(found: "Reconciliation", outcome: "PlanOutcome | None", *, applies: bool) -> str:
    """Return in a sentence how the count stands, and what became of it."""
    differing = len(found.differences)
    said = [
        f"{count(len(found.compared), 'count')} compared: "
        f"{len(found.compared) - differing:,} as the ledger had it, {differing:,} different."
    ]
    if found.plan.unchanged:
        said.append(f"{found.plan.unchanged:,} counted so before, and nothing has moved since.")
    wrong = found.findings.wrong_rows + len(found.refused)
    if outcome is not None:
        said.append(
            f"{count(outcome.statuses['accepted'], 'count')} recorded. The ledger is at position "
            f"{outcome.position:,}." if outcome.statuses["accepted"] else "Nothing was recorded."
        )
    elif applies:
        said.append(
            f"Nothing was recorded: {count(wrong, 'row')} cannot be. Mend the file, or record the "
            "other rows with --skip-wrong."
        )
    else:
        said.append("Nothing was recorded; --apply records the counts.")
    return " ".join(said)
