"""Submission: many commands in order, in groups, each with exactly one outcome.

Rows come in as they are read and results go out in the same order. Rows that were read together
are decided and recorded in one transaction; consecutive rows of one ``group`` are all or nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import Literal
from uuid import uuid4

from commands.model import Command, Submitted, first_difference
from commands.reading import Row
from commands.result import DONE, Result
from ledger.store import Ledger
from ledger.store.writer import Decided, Writer

Mode = Literal["continue", "stop", "atomic"]

MAX_GROUP = 10_000
"""Rows that a group, or an atomic run, may hold."""


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
    ledger, and records nothing. Raises :class:`~ledger.store.StorageError` when the database fails;
    what was answered before is recorded, and submitting the same rows again is safe.
    """
    with ledger.dry_run() if dry_run else nullcontext(ledger.writer) as writer:
        judged_at = ledger.head().position if dry_run else None
        stopped = False
        for units in _units(rows, mode):
            if stopped:
                results = [_skipped(row) for unit in units for row in unit]
            else:
                results = list(_submit_units(writer, units, mode, judged_at))
                stopped = mode == "stop" and any(result.status not in DONE for result in results)
            yield from results


def submit_one(ledger: Ledger, command: Command, *, dry_run: bool = False) -> Result:
    """Submit one command; without an id it gets a new one."""
    row = Row(1, command.id or uuid4().hex, command, command.command)
    (result,) = submit(ledger, [[row]], dry_run=dry_run)
    return result


# ------------------------------------------------------------------ units


def _units(rows: Iterable[Sequence[Row]], mode: Mode) -> Iterator[list[list[Row]]]:
    """Gather rows into units that are recorded together, and units into commits.

    A group stays open until a row of another comes, or the end.
    """
    if mode == "atomic":
        yield [[row for chunk in rows for row in chunk]]
        return
    open_group: list[Row] = []
    for chunk in rows:
        units: list[list[Row]] = []
        for group, members in groupby(chunk, key=lambda row: row.group):
            if group is None:
                units += [open_group] if open_group else []
                open_group = []
                units += [[row] for row in members]
            elif open_group and open_group[0].group == group:
                open_group += members
            else:
                units += [open_group] if open_group else []
                open_group = list(members)
        if units:
            yield units
    if open_group:
        yield [open_group]


def _submit_units(
    writer: Writer, units: list[list[Row]], mode: Mode, judged_at: int | None
) -> Iterator[Result]:
    whole = [unit for unit in units if not _why_not(unit)]
    requests = [
        [Submitted(row.command, row.id) for row in unit if row.command is not None]
        for unit in whole
    ]
    if mode == "stop" and len(whole) < len(units):
        tried = next(at for at, unit in enumerate(units) if _why_not(unit))
        requests = requests[:tried]
    answers = iter(writer.write(requests, stop=mode == "stop") if requests else [])
    stopped = False
    for unit in units:
        bad = _why_not(unit)
        if stopped:
            yield from map(_skipped, unit)
            continue
        if bad:
            results = list(_invalid_unit(unit, bad))
        else:
            results = list(_answer(unit, next(answers), judged_at))
        stopped = mode == "stop" and any(result.status not in DONE for result in results)
        yield from results


def _why_not(unit: Sequence[Row]) -> dict[int, tuple[dict[str, str], ...]]:
    """Name the rows that can never be right, by their place in the unit."""
    if len(unit) > MAX_GROUP:
        error = {
            "pointer": "/group", "code": "group_too_large",
            "message": f"A group holds at most {MAX_GROUP:,} rows, this one has {len(unit):,}.",
        }
        return {MAX_GROUP: (error,)}
    return {at: row.errors for at, row in enumerate(unit) if row.command is None}


def _skipped(row: Row) -> Result:
    return Result("skipped", row.line, row.id, row.name)


def _invalid_unit(
    unit: Sequence[Row], bad: dict[int, tuple[dict[str, str], ...]]
) -> Iterator[Result]:
    failed = unit[min(bad)]
    for at, row in enumerate(unit):
        if at in bad:
            yield Result("invalid", row.line, row.id, row.name, errors=bad[at])
        else:
            yield _group_failed(row, failed.line, None)


def _group_failed(row: Row, failed_line: int | None, position: int | None) -> Result:
    where = f"line {failed_line}" if failed_line else "another command of it"
    return Result(
        "group_failed", row.line, row.id, row.name, position, code="group_failed",
        message=f"Nothing of this group was recorded, because {where} failed.",
        details={"failed_line": failed_line} if failed_line else {},
    )


def _answer(
    unit: Sequence[Row], answers: Sequence[Decided], judged_at: int | None
) -> Iterator[Result]:
    lines = {row.id: row.line for row in unit}
    for row, decided in zip(unit, answers, strict=True):
        if decided.status == "group_failed":
            yield _group_failed(row, lines.get(decided.result["failed_id"]), decided.position)
        elif decided.status == "conflict":
            yield _conflict(row, decided)
        elif decided.status == "rejected":
            details = dict(decided.result)
            yield Result(
                "rejected", row.line, row.id, row.name, decided.position,
                code=details.pop("code"), message=details.pop("message"), details=details,
                judged_at=judged_at,
            )
        else:
            yield Result(
                decided.status, row.line, row.id, row.name, decided.position, decided.events,
                decided.result.get("messages", ()), judged_at=judged_at,
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
