"""Answers: what the writer decided about a row, as the result that its sender reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.commands.scripts.strict_json import parse_json
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.spelling import composed
from stocktrail.ledger.store.engine.decided import Decided
from stocktrail.ledger.store.outcome import JUDGED_AT

NO_LINES: Mapping[str, int] = {}


def group_failed(row: Row, failed_line: int | None, position: int | None) -> Result:
    """Answer for a row whose unit was not recorded because of another row, named if it is known."""
    where = f"line {failed_line}" if failed_line else "another command of it"
    return Result(
        "group_failed", row.line, row.id, row.name, position, code="group_failed",
        message=f"Nothing of this group was recorded, because {where} failed.",
        details={"failed_line": failed_line} if failed_line else {},
    )


def results_of(rows: Sequence[Row], answers: Sequence[Decided]) -> list[Result]:
    """Return the results of the rows of one unit."""
    if len(rows) == 1:
        return [result_of(rows[0], answers[0])]
    lines = {row.id: row.line for row in rows}
    return [
        result_of(row, decided, lines) for row, decided in zip(rows, answers, strict=True)
    ]


def result_of(row: Row, decided: Decided, lines: Mapping[str, int] = NO_LINES) -> Result:
    """Return the result of one row; ``lines`` tells where the other rows of its unit stand."""
    if decided.status in DONE:
        return Result(
            decided.status, row.line, row.id, row.name, decided.position, decided.events,
            decided.result.get("messages", ()),
        )
    if decided.status == "group_failed":
        failed_line = lines.get(decided.result["failed_id"])
        return group_failed(row, failed_line, decided.position)._replace(
            first_judged_at=_first_judged_at(decided)
        )
    if decided.status == "conflict":
        return _conflict(row, decided)
    details = dict(decided.result)
    details.pop(JUDGED_AT, None)
    return Result(
        "rejected", row.line, row.id, row.name, decided.position, code=details.pop("code"),
        message=details.pop("message"), details=details, first_judged_at=_first_judged_at(decided),
    )


def _first_judged_at(decided: Decided) -> Mapping[str, Any] | None:
    """Return when a refusal was judged that is only told again."""
    if decided.original is None:
        return None
    judged_at = decided.original.result.get(JUDGED_AT)
    return {
        "position": decided.original.last_position,
        "time": None if judged_at is None else to_iso(judged_at),
    }


def _conflict(row: Row, decided: Decided) -> Result:
    if row.command is None or decided.original is None:
        raise AssertionError("a conflict has a command and an original")
    field = first_difference(row.command.body(), decided.original.body)
    return Result(
        "conflict", row.line, row.id, row.name, decided.position, code="conflict",
        message=f"The id {row.id} was used for another command before; they differ in {field}. "
        "Use a new id for a new command.",
        details={"field": field, "position": decided.original.last_position},
    )


def first_difference(body: bytes, original: bytes) -> str:
    """Return the first field in which two canonical commands differ.

    >>> first_difference(b'{"command":"x","sku":"A"}', b'{"command":"x","sku":"B"}')
    'sku'
    """
    one, other = parse_json(composed(body.decode())), parse_json(composed(original.decode()))
    return next(
        (name for name in {**one, **other} if one.get(name) != other.get(name)), "nothing"
    )
