"""Submission: many commands in order, in groups, each with exactly one outcome.

Rows come in as they are read and results go out in the same order. Rows that were read together
are decided and recorded in one transaction; consecutive rows of one ``group`` are all or nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext

from stocktrail.commands.model import Command, CommandEnvelope
from stocktrail.commands.scripts.answers import group_failed, results_of
from stocktrail.commands.scripts.groups import MAX_GROUP, Group, Mode, units_of
from stocktrail.commands.scripts.personal_data import Sealing, sealed_rows
from stocktrail.commands.scripts.reading import Row, row_of
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.decided import Decided
from stocktrail.ledger.store.engine.group_commit import GroupCommit
from stocktrail.ledger.store.engine.writer import Writer

__all__ = ["MAX_GROUP", "Mode", "submit", "submit_one"]


def submit(
    ledger: Ledger,
    rows: Iterable[Sequence[Row]],
    *,
    mode: Mode = "continue",
    dry_run: bool = False,
    writer: GroupCommit | None = None,
    credential: str | None = None,
) -> Iterator[Result]:
    """Submit rows and give their results in order.

    ``continue`` tries every row, ``stop`` none after the first that was not recorded, ``atomic``
    records all rows or none. A dry run decides with the same code on a scratch log laid over the
    ledger, records nothing, and says in every result which position it was judged at. What a
    duplicate recorded is read from the log when somebody looks, while the ledger is open. Raises
    :class:`~stocktrail.ledger.store.StorageError` when the database fails; what was answered before
    is recorded, and submitting the same rows again is safe. With a ``writer`` that groups by itself
    the rows share its commits with other callers. ``credential`` is the id of the token that sent
    the rows.
    """
    sealing = Sealing(ledger, dry_run=dry_run)
    with ledger.dry_run() if dry_run else nullcontext(writer or ledger.writer) as chosen:
        judged_at = chosen.head().position if dry_run else None
        stopped = False
        for units in units_of(sealed_rows(sealing, rows), mode):
            for result in _submit_units(chosen, units, mode, stopped, credential):
                sealing.settle(result)
                stopped = stopped or (mode == "stop" and result.status not in DONE)
                yield result.loaded()._replace(judged_at=judged_at) if dry_run else result


def submit_one(ledger: Ledger, command: Command, *, dry_run: bool = False) -> Result:
    """Submit one command; without an id it gets a new one."""
    (result,) = submit(ledger, [[row_of(command)]], dry_run=dry_run)
    return result.loaded()


def _submit_units(
    writer: Writer | GroupCommit, units: Sequence[Group], mode: Mode, stopped: bool,
    credential: str | None,
) -> Iterator[Result]:
    failed_lines = [unit.failed_line() for unit in units]
    tried: list[Group] = []
    for unit, failed_line in zip(units, failed_lines, strict=True):
        if stopped or (mode == "stop" and failed_line is not None):
            break
        if failed_line is None:
            tried.append(unit)
    requests = [
        [
            CommandEnvelope(row.command, row.id, credential=credential)
            for row in unit.rows if row.command is not None
        ]
        for unit in tried
    ]
    answers = _written(writer, requests, stop=mode == "stop")
    for unit, failed_line in zip(units, failed_lines, strict=True):
        if stopped:
            yield from map(_skipped, unit.rows)
            continue
        if failed_line is not None:
            results = list(_invalid(unit, failed_line))
        else:
            results = results_of(unit.rows, next(answers))
        stopped = mode == "stop" and any(result.status not in DONE for result in results)
        yield from results


def _written(
    writer: Writer | GroupCommit, requests: Sequence[Sequence[CommandEnvelope]], *, stop: bool
) -> Iterator[list[Decided]]:
    """Write in groups of the size that is best now, and give the answers as they come."""
    start = 0
    while start < len(requests):
        part = requests[start : start + writer.group_size]
        start += len(part)
        yield from writer.write(part, stop=stop)


def _skipped(row: Row) -> Result:
    return Result("skipped", row.line, row.id, row.name)


def _invalid(unit: Group, failed_line: int) -> Iterator[Result]:
    bad = unit.bad_rows()
    for at, row in enumerate(unit.rows):
        if at in bad:
            yield Result("invalid", row.line, row.id, row.name, errors=bad[at])
        else:
            yield group_failed(row, failed_line, None)
