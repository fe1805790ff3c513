"""Findings: what was wrong with rows of a file, and what is to be said about others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from stocktrail.commands.scripts.validation_errors import errors_of
from stocktrail.interfaces.importing.numbers import BadNumber


class BadCell(ValueError):
    """A cell that cannot be what its column is; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RowFinding:
    """One thing that was found, with the rows of which it is true."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        self.rows: list[int] = []

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return {"code": self.code, "message": self.message, "rows": self.rows}

    @property
    def sentence(self) -> str:
        """The rows, and what is true of them."""
        return f"{rows_in_words(self.rows)}: {self.message}" if self.rows else self.message


class Findings:
    """What was found in a file: ``errors`` keep it from being imported, ``notes`` are only said."""

    def __init__(self) -> None:
        self._errors: dict[tuple[str, str], RowFinding] = {}
        self._notes: dict[tuple[str, str], RowFinding] = {}
        self._wrong_rows: set[int] = set()

    def wrong(self, row: int, code: str, message: str) -> None:
        """Keep that a row cannot be imported."""
        self._wrong_rows.add(row)
        _put(self._errors, row, code, message)

    def note(self, row: int | None, code: str, message: str) -> None:
        """Keep what is to be said of a row, or of the whole file, that keeps nothing back."""
        _put(self._notes, row, code, message)

    @contextmanager
    def of(self, row: int) -> Iterator[None]:
        """Keep as wrong what a row's cells, or a command made of them, turn out not to be."""
        try:
            yield
        except BadCell as error:
            self.wrong(row, error.code, str(error))
        except BadNumber as error:
            self.wrong(row, "bad_number", f"{error}.")
        except ValidationError as error:
            self.wrong(row, "invalid", errors_of(error).sentence())

    @property
    def errors(self) -> Sequence[RowFinding]:
        """What is wrong, in the order in which it was found."""
        return list(self._errors.values())

    @property
    def notes(self) -> Sequence[RowFinding]:
        """What is to be said, in the order in which it was found."""
        return list(self._notes.values())

    @property
    def wrong_rows(self) -> int:
        """How many rows cannot be imported."""
        return len(self._wrong_rows)


def _put(
    found: dict[tuple[str, str], RowFinding], row: int | None, code: str, message: str
) -> None:
    finding = found.setdefault((code, message), RowFinding(code, message))
    if row is not None and row not in finding.rows[-1:]:       # true of several of its columns
        finding.rows.append(row)


def rows_in_words(rows: Sequence[int], most: int = 10) -> str:
    """Return which rows, in words; of many the first ones.

    >>> rows_in_words([7]), rows_in_words([2, 3, 9])
    ('Row 7', 'Rows 2, 3 and 9')
    >>> rows_in_words(range(2, 2000), 3)
    'Rows 2, 3, 4 and 1,995 more'
    """
    if len(rows) == 1:
        return f"Row {rows[0]:,}"
    shown = [f"{row:,}" for row in rows[:most]]
    last = f"{len(rows) - most:,} more" if len(rows) > most else shown.pop()
    return f"Rows {', '.join(shown)} and {last}"
