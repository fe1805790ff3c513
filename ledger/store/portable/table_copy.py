"""A copy of a SQLite file table by table, so that excluded tables are never written.

A copy page by page would contain every table, and deleted rows in free pages; removing them
afterwards is too late for a run that is killed in between.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_WAIT_SECONDS = 60
_OBJECTS = (
    "SELECT type, name, tbl_name, sql FROM original.sqlite_master "
    "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
)
_MARKS = ("page_size", "application_id", "user_version")
"""Settings in the header of the file."""


@contextmanager
def copied_tables(
    original: str, path: Path, *, leaving_out: Collection[str] = ()
) -> Iterator[sqlite3.Connection]:
    """Copy a SQLite file, given as a URI, as of one moment; yield the copy.

    Others can write to the file meanwhile. The copy must be an empty file; it gets every table
    except those left out, with their rows, indexes and triggers. It is not synced to the disk.
    Raises ``sqlite3.Error``.
    """
    uri = f"{path.absolute().as_uri()}?mode=rw"
    with closing(
        sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_WAIT_SECONDS)
    ) as copy:
        copy.execute("ATTACH DATABASE ? AS original", [original])
        # A killed process leaves a file that nobody opens: there is nothing to roll back.
        copy.execute("PRAGMA main.journal_mode=OFF")
        copy.execute("PRAGMA main.synchronous=OFF")
        for mark in _MARKS:
            value = copy.execute(f"PRAGMA original.{mark}").fetchone()[0]
            copy.execute(f"PRAGMA main.{mark}={value}")
        copy.execute("BEGIN")
        _copy(copy, leaving_out)
        copy.execute("COMMIT")
        copy.execute("DETACH DATABASE original")
        yield copy


def _copy(copy: sqlite3.Connection, leaving_out: Collection[str]) -> None:
    objects = [
        (kind, name, sql) for kind, name, table, sql in copy.execute(_OBJECTS).fetchall()
        if table not in leaving_out
    ]
    for kind, name, sql in objects:
        if kind == "table":
            copy.execute(sql)
            copy.execute(f'INSERT INTO main."{name}" SELECT * FROM original."{name}"')
    # Creating indexes afterwards is faster, and triggers would fire for every copied row.
    for wanted in ("index", "view", "trigger"):
        for kind, _, sql in objects:
            if kind == wanted:
                copy.execute(sql)
