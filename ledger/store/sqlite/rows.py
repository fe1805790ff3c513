"""Inserting many rows into SQLite, several in one statement.

Python's driver releases the interpreter lock at every step of a statement, and waits for it
afterwards. A row takes 1.6 instead of 1.9 us when no other thread runs, and saves more when one
does (``python -m benchmarks.fast_paths dozen``, 2026-11-29).
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from eventsourcing.sqlite import SQLiteCursor

ROWS_AT_ONCE = (64, 8, 1)
"""How many rows one statement inserts; few sizes, so that each statement is prepared once."""


@lru_cache(64)
def _statement(insert: str, columns: int, rows: int) -> str:
    row = f"({','.join('?' * columns)})"
    return f"{insert} VALUES {','.join([row] * rows)}"


def insert_rows(cursor: SQLiteCursor, insert: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows in their order; ``insert`` is the statement up to its ``VALUES``."""
    start = 0
    for size in ROWS_AT_ONCE:
        end = start + (len(rows) - start) // size * size
        if end > start:
            cursor.executemany(
                _statement(insert, len(rows[0]), size),
                [
                    list(chain.from_iterable(rows[place : place + size]))
                    for place in range(start, end, size)
                ],
            )
            start = end
