"""Submit a script of commands: read as it comes, answered as it is recorded."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, BinaryIO, Literal, cast

from cyclopts import Parameter

from interfaces.cli.failures import INVALID, WENT_WRONG, WRONG_FLAGS, Failure, complain
from interfaces.cli.progress import Progress
from interfaces.cli.session import Asked, Session
from interfaces.cli.wording import count, plain, shortened

if TYPE_CHECKING:
    from commands.reading import Row
    from commands.result import Result
    from ledger.store import Ledger

_MOST_REFUSALS_SHOWN = 1000


def submit(
    file: str,
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
    session: Asked,
) -> int:
    """Submit a script of commands, from a file or a pipe.

    JSON Lines, one command a line; or, with --command, CSV whose first row names the fields.
    Sending the same script again changes nothing that was done before.

    Parameters
    ----------
    file
        The script, or - for standard input.
    """
    from commands.result import exit_status
    from commands.submission import submit as submit_rows

    _require_command(file, command)
    with ExitStack() as closing:
        source = _Source(file, closing)
        ledger = closing.enter_context(session.open_to_write())
        rows = source.rows(command, run)
        with Progress("Submitted", unit="commands") as progress:
            results = submit_rows(ledger, rows, mode=mode, dry_run=dry_run)
            tally = present(results, session, source, progress)
        if not session.as_json:
            _summarise(tally, ledger, dry_run=dry_run)
        sys.stdout.flush()
        if not dry_run:
            bring_up_to_date(ledger)
    return exit_status(tally)


def _require_command(file: str, command: str | None) -> None:
    from commands import COMMANDS

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


class _Source:
    """The script: its bytes, and how much of them has been read."""

    def __init__(self, file: str, closing: ExitStack) -> None:
        self._size: int | None = None
        self._read = 0
        if file == "-":
            self._stream: IO[bytes] = sys.stdin.buffer
            return
        try:
            self._stream = Path(file).open("rb")  # noqa: SIM115, closed by who opened the source
            closing.callback(self._stream.close)
            self._size = Path(file).stat().st_size or None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise Failure(
                WENT_WRONG, "cannot_read", f"{file[:200]} cannot be read: {reason}."
            ) from None

    def read1(self, size: int) -> bytes:
        """Read what is there, at most so many bytes."""
        read = getattr(self._stream, "read1", self._stream.read)
        found = cast(bytes, read(size))
        self._read += len(found)
        return found

    @property
    def share(self) -> float | None:
        """How much of a file has been read; unknown for a pipe."""
        return None if self._size is None else min(self._read / self._size, 1.0)

    def rows(self, command: str | None, run: str | None) -> Iterator[list["Row"]]:
        """Read the commands; before each wait for more, what was answered is sent off."""
        from commands.reading import read_csv, read_json_lines

        stream = cast(BinaryIO, self)
        found = (
            read_json_lines(stream, run=run) if command is None
            else read_csv(stream, command, run=run)
        )
        for rows in found:
            yield rows
            sys.stdout.flush()


def present(
    results: Iterable["Result"], session: Session, source: "_Source", progress: Progress
) -> Counter[str]:
    """Show results as they come, and count them by status.

    Programs get every one, people those that were not recorded.
    """
    tally: Counter[str] = Counter()
    refusals = 0
    for done, result in enumerate(results, start=1):
        tally[result.status] += 1
        if session.as_json:
            session.write_json_line(result.as_json())
        elif result.status not in ("accepted", "duplicate", "skipped"):
            refusals += 1
            if refusals <= _MOST_REFUSALS_SHOWN:
                _show_refusal(result)
        progress.reach_share(done, source.share)
    if refusals > _MOST_REFUSALS_SHOWN and not session.as_json:
        print(f"... and {refusals - _MOST_REFUSALS_SHOWN:,} more; see all of them with --json.")
    return tally


def _show_refusal(result: "Result") -> None:
    reasons = [f"{error['message']} [{error['code']}]" for error in result.errors] or [
        f"{result.message} [{result.code}]"
    ]
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
    """Let the read models follow what was recorded; if they cannot, the next question does it."""
    from ledger.store import StorageError
    from projections import ReadModels

    try:
        with Progress("Bringing the read models up to date") as progress:
            ReadModels(ledger).catch_up(progress.reach)
    except StorageError as error:
        complain(
            "read_models_behind",
            f"The commands are recorded; the read models will follow later. ({error.message})",
            as_json=False,
        )
