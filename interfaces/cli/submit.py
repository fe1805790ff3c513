"""Submit a script of commands, whose rows are answered as they are recorded."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, WRONG_FLAGS, Failure, complain
from stocktrail.interfaces.cli.known_already import KnownAlready
from stocktrail.interfaces.cli.progress import Progress
from stocktrail.interfaces.cli.script import (
    Script,
    field_names_in,
    is_csv,
    is_spreadsheet,
    opened_script,
)
from stocktrail.interfaces.cli.session import Session, SessionArgument
from stocktrail.interfaces.cli.wording import count, plain, shortened

if TYPE_CHECKING:
    from stocktrail.commands.scripts.results import Result
    from stocktrail.ledger.store import Ledger

_MOST_REFUSALS_SHOWN = 1000
_MOST_PROPOSED = 3


def submit(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    mode: Annotated[
        Literal["continue", "stop", "atomic"],
        Parameter(help="After a command that is not recorded: go on, stop, or record none at all."),
    ] = "continue",
    dry_run: Annotated[
        bool,
        Parameter(
            help="Say what would happen, and record nothing.", negative=(), show_default=False
        ),
    ] = False,
    run: Annotated[
        str | None,
        Parameter(help="Names this run: rows without an id count again under another name."),
    ] = None,
    command: Annotated[
        str | None, Parameter(help="The input is CSV; each row is a command of this name.")
    ] = None,
    session: SessionArgument,
) -> int:
    """Submit a script of commands, from a file or a pipe.

    JSON Lines, one command a line; or, with --command, CSV whose first row names the fields.
    Sending the same script again changes nothing that was done before.

    Parameters
    ----------
    file
        The script, or - for standard input.
    """
    from stocktrail.commands.scripts.results import exit_status
    from stocktrail.commands.scripts.submission import submit as submit_rows

    _check_flags(file, command)
    with ExitStack() as closing:
        script = closing.enter_context(opened_script(file))
        _check_kind(file, script.begins(), command)
        ledger = closing.enter_context(session.open_to_submit(dry_run=dry_run))
        known = KnownAlready(run)
        rows = known.watch_rows(script.rows(command, run))
        with Progress("Submitted", unit="commands") as progress:
            results = submit_rows(ledger, rows, mode=mode, dry_run=dry_run)
            tally = present(known.watch_results(results), session, script, progress)
        if not session.as_json:
            _summarise(tally, ledger, dry_run=dry_run)
        sys.stdout.flush()
        known.warn(ledger, as_json=session.as_json)
        if not dry_run:
            bring_up_to_date(ledger)
    return exit_status(tally)


def _check_flags(file: str, command: str | None) -> None:
    from stocktrail.commands import COMMANDS

    if file.startswith("-") and file != "-":
        raise Failure(WRONG_FLAGS, "unknown_flag", f"Unknown option: {shortened(file)}.")
    if command is None and is_csv(file) and not Path(file).exists():
        raise _csv_of_what([])
    if command is not None and command not in COMMANDS:
        raise Failure(
            INVALID, "unknown_command",
            f"{shortened(command)} is not a command; the commands are {', '.join(COMMANDS)}.",
        )


def _check_kind(file: str, first_line: bytes, command: str | None) -> None:
    """Raise a failure for a spreadsheet, and for CSV where nobody said what its rows are."""
    if is_spreadsheet(first_line):
        raise Failure(
            INVALID, "not_a_script",
            "This is a spreadsheet. Save its sheet as CSV, and say with --command what each row "
            "is; or see `stocktrail import-stock --help` for a list of stock.",
        )
    fields = field_names_in(first_line)
    if command is None and (fields or is_csv(file)):
        raise _csv_of_what(fields)


def _csv_of_what(fields: Sequence[str]) -> Failure:
    from stocktrail.commands.scripts.csv_header import commands_of

    commands = commands_of(fields) if fields else []
    message = "This is CSV: say with --command which command each of its rows is"
    if commands:
        flags = " or ".join(f"--command {name}" for name in commands[:_MOST_PROPOSED])
        message += f"; by its first row ({shortened(', '.join(fields))}) it is {flags}."
    else:
        message += (
            ", such as --command receive-stock, whose first row would be sku,quantity. For a "
            "table of a shop's own see `stocktrail import-stock --help`."
        )
    return Failure(WRONG_FLAGS, "missing_flag", message)


def present(
    results: Iterable["Result"], session: Session, script: Script, progress: Progress
) -> Counter[str]:
    """Show results as they arrive, and return their number by status.

    As JSON every result is written, for people those that were not recorded. Raises a failure for
    a CSV whose first row is wrong.
    """
    from stocktrail.commands.scripts.csv_header import BAD_HEADER

    tally: Counter[str] = Counter()
    refusals = 0
    for done, result in enumerate(results, start=1):
        tally[result.status] += 1
        if session.as_json:
            session.write_line(result.to_json())
        elif result.errors and result.errors[0]["code"] == BAD_HEADER:
            raise Failure(INVALID, BAD_HEADER, result.errors[0]["message"])
        elif result.status not in ("accepted", "duplicate", "skipped"):
            refusals += 1
            if refusals <= _MOST_REFUSALS_SHOWN:
                _show_refusal(result)
        progress.reach_share(done, script.share)
    if refusals > _MOST_REFUSALS_SHOWN and not session.as_json:
        print(f"... and {refusals - _MOST_REFUSALS_SHOWN:,} more; see all of them with --json.")
    return tally


def _show_refusal(result: "Result") -> None:
    from stocktrail.interfaces.cli.result_views import told_again

    reasons = [f"{error['message']} [{error['code']}]" for error in result.errors] or [
        f"{result.message} [{result.code}]{told_again(result)}"
    ]
    from stocktrail.interfaces.cli.result_views import more_errors

    reasons += more_errors(result)
    name = f" {result.command}" if result.command else ""
    state = result.status.replace("_", " ")
    print(plain(f"Line {result.line}{name}, {state}: {' '.join(reasons)}"))


_IN_WORDS = {
    "accepted": "accepted", "duplicate": "known already", "rejected": "rejected",
    "invalid": "invalid", "conflict": "in conflict with an earlier command",
    "group_failed": "left out with their group", "skipped": "not tried",
}


def _summarise(tally: Counter[str], ledger: "Ledger", *, dry_run: bool) -> None:
    parts = [f"{tally[each]:,} {words}" for each, words in _IN_WORDS.items() if tally[each]]
    total = count(sum(tally.values()), "command")
    position = ledger.head().position
    end = (
        f"Dry run at position {position:,}: nothing was recorded." if dry_run
        else f"The ledger is at position {position:,}."
    )
    print(f"{total}: {', '.join(parts)}. {end}" if parts else f"{total}. {end}")


def bring_up_to_date(ledger: "Ledger") -> None:
    """Catch the read models up; when that fails, the next question tries again."""
    from stocktrail.ledger.store import StorageError
    from stocktrail.projections import ReadModels

    try:
        with Progress("Bringing the read models up to date") as progress:
            ReadModels(ledger).catch_up(progress.reach, progress.wait_for_another)
    except StorageError as error:
        complain(
            "read_models_behind",
            f"The commands are recorded; the read models will follow later. ({error.message})",
            as_json=False,
        )
