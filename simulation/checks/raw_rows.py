"""The rows of the log as any program would read them: plain SQL, none of the product's code."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

_ROWS = (
    "SELECT sequence, first_position, last_position, occurred_at, recorded_at, command_id, status, "
    "CAST(result AS TEXT), CAST(events AS TEXT), correlation_id, actor, credential, group_sequence "
    "FROM commands WHERE sequence > ? ORDER BY sequence"
)
_HEAD = "SELECT sequence, position, recorded_at FROM ledger_head"


class RawRow(NamedTuple):
    """A row of ``commands``, with its result and its events read as JSON."""

    sequence: int
    first_position: int
    last_position: int
    occurred_at: int
    recorded_at: int
    command_id: str | None
    status: str
    result: Mapping[str, Any]
    events: list[dict[str, Any]]
    correlation_id: str | None
    actor: str | None
    credential: str | None
    group_sequence: int | None


class RawLog(NamedTuple):
    """What a file holds after a sequence: the head of the log and its rows."""

    head: tuple[int, int, int]
    rows: list[RawRow]


def read_raw_log(path: Path, after: int) -> RawLog | None:
    """Read the rows of a SQLite file after a sequence; ``None`` where there is no log yet."""
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as connection:
        try:
            head = connection.execute(_HEAD).fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise
        rows = [
            RawRow._make((*row[:7], json.loads(row[7]), json.loads(row[8]), *row[9:]))
            for row in connection.execute(_ROWS, (after,))
        ]
    return RawLog((head[0], head[1], head[2]), rows)
