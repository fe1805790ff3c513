"""Submission: many commands in order, in groups, each with exactly one outcome.

Rows come in as they are read and results go out in the same order. Rows that were read together
are decided and recorded in one transaction; consecutive rows of one ``group`` are all or nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from uuid import uuid4

from commands.model import Command, Submitted, first_difference
from commands.reading import Row
from commands.result import DONE, Result
from commands.sealing import Sealing, sealed_rows
from commands.units import MAX_GROUP, Mode, Unit, units_of
from ledger.store import Ledger
from ledger.store.writer import Decided, Writer

__all__ = ["MAX_GROUP", "Mode", "submit", "submit_one"]


def submit(
    ledger: Ledger,
    rows: Iterable[Sequence[Row]],
    *,
    mode: Mode = "continue",
    dry_run: bool = False,
) -> Iterator[Result]:
    """Submit rows and give their results in order.

    ``continue`` tries every row, ``stop`` none after the first that was not recorded, ``atomic``
    records all rows or none. A dry run decides with the same code on a scratch log laid over the
    ledger, records nothing, and says in every result which position it was judged at. Raises
    :class:`~ledger.store.StorageError` when the database fails; what was answered before is
    recorded, and submitting the same rows again is safe.
    """
    sealing = Sealing(ledger, dry_run=dry_run)
    with ledger.dry_run() if dry_run else nullcontext(ledger.writer) as writer:
        judged_at = writer.head().position if dry_run else None
        stopped = False
        for units in units_of(sealed_rows(sealing, rows), mode):
            for result in _submit_units(writer, units, mode, stopped):
                sealing.settle(result)
                stopped = stopped or (mode == "stop" and result.status not in DONE)
                yield replace(result, judged_at=judged_at) if dry_run else result


def submit_one(ledger: Ledger, command: Command, *, dry_run: bool = False) -> Result:
    """Submit one command; without an id it gets a new one."""
    row = Row(1, command.id or uuid4().hex, command, command.command)
    (result,) = submit(ledger, [[row]], dry_run=dry_run)
    return result


def _submit_units(
    writer: Writer, units: Sequence[Unit], mode: Mode, stopped: bool
) -> Iterator[Result]:
    tried: list[Unit] = []
    for unit in units:
        if stopped or (mode == "stop" and unit.failed_line() is not None):
            break
        if unit.failed_line() is None:
            tried.append(unit)
    requests = [
        [Submitted(row.command, row.id) for row in unit.rows if row.command is not None]
        for unit in tried
    ]
    answers = iter(writer.write(requests, stop=mode == "stop") if requests else [])
    for unit in units:
        if stopped:
            yield from map(_skipped, unit.rows)
            continue
        if unit.failed_line() is not None:
            results = list(_invalid(unit))
        else:
            results = list(_answer(unit.rows, next(answers)))
        stopped = mode == "stop" and any(result.status not in DONE for result in results)
        yield from results


def _skipped(row: Row) -> Result:
    return Result("skipped", row.line, row.id, row.name)


def _invalid(unit: Unit) -> Iterator[Result]:
    bad = unit.bad_rows()
    for at, row in enumerate(unit.rows):
        if at in bad:
            yield Result("invalid", row.line, row.id, row.name, errors=bad[at])
        else:
            yield _group_failed(row, unit.failed_line(), None)


def _group_failed(row: Row, failed_line: int | None, position: int | None) -> Result:
    where = f"line {failed_line}" if failed_line else "another command of it"
    return Result(
        "group_failed", row.line, row.id, row.name, position, code="group_failed",
        message=f"Nothing of this group was recorded, because {where} failed.",
        details={"failed_line": failed_line} if failed_line else {},
    )


def _answer(rows: Sequence[Row], answers: Sequence[Decided]) -> Iterator[Result]:
    lines = {row.id: row.line for row in rows}
    for row, decided in zip(rows, answers, strict=True):
        if decided.status == "group_failed":
            yield _group_failed(row, lines.get(decided.result["failed_id"]), decided.position)
        elif decided.status == "conflict":
            yield _conflict(row, decided)
        elif decided.status == "rejected":
            details = dict(decided.result)
            yield Result(
                "rejected", row.line, row.id, row.name, decided.position,
                code=details.pop("code"), message=details.pop("message"), details=details,
            )
        else:
            yield Result(
                decided.status, row.line, row.id, row.name, decided.position, decided.events,
                decided.result.get("messages", ()),
            )


def _conflict(row: Row, decided: Decided) -> Result:
    if row.command is None or decided.original is None:
        raise AssertionError("a conflict has a command and an original")
    field = first_difference(Submitted(row.command, row.id).body, decided.original.body)
    return Result(
        "conflict", row.line, row.id, row.name, decided.position, code="conflict",
        message=f"The id {row.id} was used for another command before; they differ in {field}. "
        "Use a new id for a new command.",
        details={"field": field, "position": decided.original.last_position},
    )
