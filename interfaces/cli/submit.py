"""Submit a script of commands, whose rows are answered as they are recorded."""

import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, WRONG_FLAGS, Failure, complain
from stocktrail.interfaces.cli.known_already import KnownAlready
from stocktrail.interfaces.cli.progress import Progress
from stocktrail.interfaces.cli.script import Script, opened_script
from stocktrail.interfaces.cli.session import Session, SessionArgument
from stocktrail.interfaces.cli.wording import count, plain, shortened

if TYPE_CHECKING:
    from stocktrail.commands.scripts.results import Result
    from stocktrail.ledger.store import Ledger

_MOST_REFUSALS_SHOWN = 1000


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
    if command is None and file.lower().endswith(".csv"):
        raise Failure(
            WRONG_FLAGS, "missing_flag",
            "A CSV file holds commands of one type: say which with --command, such as --command "
            "receive-stock.",
        )
    if command is not None and command not in COMMANDS:
        raise Failure(
            INVALID, "unknown_command",
            f"{shortened(command)} is not a command; the commands are {', '.join(COMMANDS)}.",
        )


def present(
    results: Iterable["Result"], session: Session, script: Script, progress: Progress
) -> Counter[str]:
    """Show results as they arrive, and return their number by status.

    As JSON every result is written, for people those that were not recorded.
    """
    tally: Counter[str] = Counter()
    refusals = 0
    for done, result in enumerate(results, start=1):
        tally[result.status] += 1
        if session.as_json:
            session.write_line(result.to_json())
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
            ReadModels(ledger).catch_up(progress.reach)
    except StorageError as error:
        complain(
            "read_models_behind",
            f"The commands are recorded; the read models will follow later. ({error.message})",
            as_json=False,
        )
