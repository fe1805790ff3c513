"""The flags of every import, and the file that it reads."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, WENT_WRONG, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.wording import shortened
from stocktrail.interfaces.importing.format_name import FormatName

_DECIMAL_MARKS: dict[str, Literal["point", "comma"]] = {
    "point": "point", ".": "point", "comma": "comma", ",": "comma",
}

FileArgument = Annotated[str, Parameter(allow_leading_hyphen=True)]
"""The file of an import; - is standard input."""

FormatFlag = Annotated[
    FormatName | None,
    Parameter(
        name="--format", show_default=False,
        help="Whose file it is; csv is any list. Default: as the header shows.",
    ),
]
DatesFlag = Annotated[
    Literal["day-first", "month-first"] | None,
    Parameter(
        name="--dates", show_default=False,
        help="How 03.04.2026 is read; default: such a date is refused, ISO 8601 is not.",
    ),
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TableFlags:
    """How a table is read, whatever it lists."""

    set: Annotated[
        list[str] | None,
        Parameter(
            name="--set", negative=(), show_default=False,
            help="FIELD=VALUE, as often as you like: it holds for all rows, as in source=berlin.",
        ),
    ] = None
    decimal: Annotated[
        Literal["point", "comma", ".", ","] | None,
        Parameter(
            name="--decimal", show_default=False, show_choices=False,
            help="point or comma: how the file writes 1.5; default: as its numbers show.",
        ),
    ] = None
    encoding: Annotated[
        str | None,
        Parameter(
            name="--encoding", show_default=False,
            help="Such as utf-8, utf-16 or windows-1252; default: found out.",
        ),
    ] = None
    sheet: Annotated[
        str | None,
        Parameter(
            name="--sheet", show_default=False,
            help="The sheet of a workbook; default: the first that is not empty.",
        ),
    ] = None
    commands: Annotated[
        bool,
        Parameter(
            name="--commands", negative=(), show_default=False,
            help="Print the commands, ready to submit, and record nothing.",
        ),
    ] = False
    skip_wrong: Annotated[
        bool,
        Parameter(
            name="--skip-wrong", negative=(), show_default=False,
            help="Record the other rows where some are wrong; without it nothing is recorded then.",
        ),
    ] = False

    @property
    def decimal_mark(self) -> Literal["point", "comma"] | None:
        """The mark that was asked for; ``None`` where the numbers are to show it."""
        return None if self.decimal is None else _DECIMAL_MARKS[self.decimal]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ImportFlags(TableFlags):
    """The flags of an import, which can be tried first."""

    dry_run: Annotated[
        bool,
        Parameter(
            name="--dry-run", negative=(), show_default=False,
            help="Show what would be recorded, and record nothing.",
        ),
    ] = False

    def require_one(self) -> None:
        """Raise a failure (``bad_flag``) for a dry run that is to print its commands too."""
        if self.dry_run and self.commands:
            raise Failure(WRONG_FLAGS, "bad_flag", "Use --dry-run or --commands, not both.")


class ImportedFile(NamedTuple):
    """The bytes of a file, and what sentences call it."""

    data: bytes
    name: str


def moment_of(text: str | None, flag: str) -> datetime | None:
    """Return the moment that a flag names, if any; raises a failure (``bad_moment``).

    >>> moment_of("2026-03-09T17:30:00Z", "--counted-at").isoformat()
    '2026-03-09T17:30:00+00:00'
    """
    from stocktrail.ledger.instant import parse_moment

    try:
        return None if text is None else parse_moment(text)
    except ValueError as error:
        raise Failure(INVALID, "bad_moment", f"{flag}: {error}.") from None


def read_file(file: str) -> ImportedFile:
    """Read a file, or standard input for ``-``; of one that is too large, as much as shows that.

    Raises a failure: ``cannot_read``, or ``unknown_flag`` for a flag that nobody knows.
    """
    from stocktrail.interfaces.importing.table import MOST_BYTES

    if file == "-":
        return ImportedFile(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
    if file.startswith("-"):
        raise Failure(WRONG_FLAGS, "unknown_flag", f"Unknown option: {shortened(file)}.")
    try:
        with Path(file).open("rb") as stream:
            return ImportedFile(stream.read(MOST_BYTES + 1), Path(file).name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Failure(
            WENT_WRONG, "cannot_read", f"{shortened(file)} cannot be read: {reason}."
        ) from None


@contextmanager
def bad_files_as_failures() -> Iterator[None]:
    """Let a file of which no row can be read end the subcommand as invalid input does."""
    from stocktrail.interfaces.importing.bad_file import BadFile

    try:
        yield
    except BadFile as error:
        raise Failure(INVALID, error.code, error.message) from None
