"""The log in a file: exported, imported into a new ledger, and backed up."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.parquet_export import export_parquet
from stocktrail.interfaces.cli.progress import Progress
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.wording import count, shortened

if TYPE_CHECKING:
    from stocktrail.ledger.store.portable.lines import Header

_PIPE = "-"
File = Annotated[str, Parameter(allow_leading_hyphen=True)]
Keys = Annotated[
    bool,
    Parameter(
        help="Write customers' keys too: whoever has the file can read what is sealed, also of "
        "customers who are erased later.", negative=(),
    ),
]


def export(
    file: File = _PIPE,
    /,
    *,
    format: Annotated[
        Literal["jsonl", "parquet"],
        Parameter(
            help="jsonl: the log as JSON Lines, for another ledger to import. parquet: a folder of "
            "tables for data tools: events, outcomes, stock history, backorders."
        ),
    ] = "jsonl",
    keys: Keys = False,
    as_of: Annotated[
        str | None,
        Parameter(
            help="Of parquet: a position (digits), a day (its end in the shop's time zone) or a "
            "recorded time in ISO 8601. Default: now."
        ),
    ] = None,
    today: Annotated[
        str | None, Parameter(help="Of parquet: the day that is today for promises.")
    ] = None,
    session: SessionArgument,
) -> int:
    """Write the log as JSON Lines, or the ledger as Parquet for data tools.

    Parameters
    ----------
    file
        A new file, or - for standard output; of parquet a new folder.
    """
    from stocktrail.ledger.store.portable.atomic_file import atomic_file
    from stocktrail.ledger.store.portable.exporting import export_log

    _require_name(file)
    if format == "parquet":
        _require_folder(file, keys=keys)
        return export_parquet(Path(file), session, as_of=as_of, today=today)
    if as_of is not None or today is not None:
        raise Failure(
            WRONG_FLAGS, "bad_flag",
            "--as-of and --today are for --format parquet; the log is exported whole.",
        )
    with session.open_to_read() as ledger, Progress("Exporting") as progress:
        if file == _PIPE:
            export_log(ledger, sys.stdout.buffer, with_keys=keys, progress=progress.reach)
            sys.stdout.buffer.flush()
            return 0
        with atomic_file(Path(file)) as beside, beside.open("wb") as output:
            header = export_log(ledger, output, with_keys=keys, progress=progress.reach)
    session.answer({"file": file, **_described(header)}, _show_exported)
    return 0


def _require_name(file: str) -> None:
    if file.startswith("-") and file != _PIPE:
        raise Failure(WRONG_FLAGS, "unknown_flag", f"Unknown option: {shortened(file)}.")


def _require_folder(folder: str, *, keys: bool) -> None:
    if folder == _PIPE:
        raise Failure(
            WRONG_FLAGS, "missing_flag",
            "Name a new folder: Parquet is several files, such as stocktrail export shop "
            "--format parquet.",
        )
    if keys:
        raise Failure(WRONG_FLAGS, "bad_flag", "--keys is for JSON Lines alone.")


def _described(header: "Header") -> dict[str, Any]:
    return {
        "events": header.events, "commands": header.commands, "root": header.root,
        "customer_keys": header.customer_keys,
    }


def _show_exported(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(f"{_contents(report)} are in {report['file']}.", f"Root: {report['root']}")


def _contents(report: Mapping[str, Any]) -> str:
    keys = report["customer_keys"]
    listed = [count(report["events"], "event"), count(report["commands"], "command")]
    return " and ".join(listed) + (f", with {count(keys, 'key')}," if keys else "")


def import_(file: File, /, *, session: SessionArgument) -> int:
    """Make a ledger of a log that was exported.

    The ledger must be empty. It becomes identical: the same positions, the same root, so that every
    checkpoint and proof holds for it too. A file that is broken is refused with its line, and then
    nothing is imported, and no ledger is made.

    Parameters
    ----------
    file
        The file, or - for standard input.
    """
    from stocktrail.ledger.store.portable.atomic_ledger import atomic_ledger
    from stocktrail.ledger.store.portable.importing import import_log

    _require_name(file)
    with ExitStack() as closing:
        if file == _PIPE:
            name, lines = "Standard input", sys.stdin.buffer
        else:
            name, lines = file, closing.enter_context(Path(file).open("rb"))
        ledger = closing.enter_context(atomic_ledger(session.database_url, session.open_to_write))
        progress = closing.enter_context(Progress("Importing"))
        header = import_log(ledger, lines, name, progress=progress.reach)
    session.answer(_described(header), _show_imported)
    return 0


def _show_imported(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(f"{_contents(report)} were imported.", f"Root: {report['root']}")


def backup(file: str, /, *, keys: Keys = False, session: SessionArgument) -> int:
    """Copy the whole ledger while it is written to.

    Of a SQLite file it is another one, with everything in it, in the format of the version that
    wrote it; of a ledger on a server it is the exported log.

    Parameters
    ----------
    file
        A new file.
    """
    from stocktrail.ledger.store.portable.backup import back_up, back_up_former

    former = back_up_former(session.database_url, Path(file), with_keys=keys)
    if former is not None:
        session.answer(
            {"file": file, "kind": "former database", "events": former}, _show_former_backed_up
        )
        return 0
    with session.open_to_read() as ledger:
        made = back_up(ledger, Path(file), with_keys=keys)
    session.answer(
        {
            "file": file, "kind": made.kind, "events": made.position, "commands": made.commands,
            "root": made.root.hex(), "customer_keys": made.customer_keys,
        },
        _show_backed_up,
    )
    return 0


def _show_former_backed_up(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        f"{report['file']} is a copy of the database at position {report['events']:,}, in the "
        "format of the earlier version that wrote it.",
        "That version opens it as it is; this one upgrades it when it writes to it.",
    )


def _show_backed_up(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        f"{report['file']} is a copy of the {report['kind']} at position {report['events']:,}.",
        f"Root: {report['root']}",
        "Open it with --database sqlite:///FILE." if report["kind"] == "database" else
        "Make a ledger of it with `stocktrail import FILE`.",
    )
