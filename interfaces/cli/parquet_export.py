"""Exporting as Parquet: a folder of tables for data tools, as of one moment."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure
from stocktrail.interfaces.cli.progress import Progress
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import Session
from stocktrail.interfaces.cli.wording import count

if TYPE_CHECKING:
    from stocktrail.interfaces.parquet.tables import ExportedMoment
    from stocktrail.projections import ReadModels


def export_parquet(
    folder: Path, session: Session, *, as_of: str | None, today: str | None
) -> int:
    """Write the tables into a new folder; nothing is there until all of it is.

    Raises a failure ``missing_library`` where ``pyarrow`` is not installed.
    """
    try:
        from stocktrail.interfaces.parquet.writing import write_table
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise Failure(
            WENT_WRONG, "missing_library",
            "Parquet is written by pyarrow, which is not installed: pip install "
            "'stocktrail[parquet]'.",
        ) from None
    from stocktrail.interfaces.parquet.tables import tables_as_of
    from stocktrail.ledger.store.portable.atomic_file import atomic_folder

    with session.read_models() as models, atomic_folder(folder) as beside:
        if as_of is not None:
            models.reach(_position(models, as_of))
        with models.in_one_state(), Progress("Exporting", unit="rows") as progress:
            moment = _moment(models, as_of, today)
            said = {"stocktrail.as_of": str(moment.position)}
            rows: dict[str, int] = {}
            for table in tables_as_of(models, moment):
                report = partial(_report, progress, sum(rows.values()))
                rows[table.name] = write_table(beside, table, said, report)
    session.answer(
        {"folder": str(folder), "as_of": moment.position, "rows": rows}, _show_exported
    )
    return 0


def _report(progress: Progress, before: int, written: int) -> None:
    progress.reach(before + written)


def _position(models: "ReadModels", as_of: str) -> int:
    from stocktrail.projections.as_of.moment import resolve_as_of

    return resolve_as_of(models.ledger, as_of)


def _moment(models: "ReadModels", as_of: str | None, today: str | None) -> "ExportedMoment":
    """Return what is exported: without a moment all that the read models have."""
    from stocktrail.interfaces.parquet.tables import ExportedMoment

    if as_of is None:
        head = models.ledger.head()
        position = models.position() or 0
        sequence = head.sequence if head.position == position else None
    else:
        position, sequence = _position(models, as_of), None
    if sequence is None:
        sequence = models.ledger.log_recorder.sequence_at(position)
    return ExportedMoment(position, sequence, as_of and str(position), today)


def _show_exported(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.table(
        ("file", "#rows"), [(f"{name}.parquet", rows) for name, rows in report["rows"].items()]
    )
    files = count(len(report["rows"]), "file")
    screen.say(
        "", f"{files} are in {report['folder']}, as of position {report['as_of']:,}."
    )
