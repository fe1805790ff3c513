"""The version of SQLite, and whether it has the WAL-reset bug.

From 3.7.0 to 3.51.2 a checkpoint that begins while another connection's commit restarts the
write-ahead log may treat pages as copied that are not: rarely, with several connections at once,
the file is corrupted. It is fixed in 3.51.3, and in 3.50.7 and 3.44.6 of the older branches
(https://sqlite.org/wal.html#walresetbug).
"""

import sqlite3
from collections.abc import Sequence

from stocktrail.ledger.store.postgres_address import is_postgres_url

_MENDED = (3, 51, 3)
_MENDED_BRANCHES = ((3, 50, 7), (3, 44, 6))

LEAST_VERSION = ".".join(map(str, _MENDED))
"""The first version without the bug; two older branches have fixed releases of their own."""


def has_wal_reset_bug(version: Sequence[int]) -> bool:
    """Return whether a version of SQLite may corrupt a file that several connections write.

    >>> [has_wal_reset_bug(each) for each in ((3, 40, 1), (3, 51, 2), (3, 50, 6), (3, 45, 0))]
    [True, True, True, True]
    >>> [has_wal_reset_bug(each) for each in ((3, 51, 3), (3, 52, 0), (3, 50, 7), (3, 44, 9))]
    [False, False, False, False]
    """
    version = tuple(version)
    branch = any(version[:2] == each[:2] and version >= each for each in _MENDED_BRANCHES)
    return version < _MENDED and not branch


def wal_reset_warning(version: Sequence[int] = sqlite3.sqlite_version_info) -> str | None:
    """Return the sentence about the bug if this SQLite has it, else ``None``."""
    if not has_wal_reset_bug(version):
        return None
    return (
        f"SQLite {'.'.join(map(str, version[:3]))} can, in rare cases, damage a file that several "
        f"connections write at once (its WAL-reset bug); use {LEAST_VERSION} or later, or 3.50.7 "
        "or 3.44.6. How to get it: docs/how-to/sqlite.md."
    )


def cautions(url: str) -> list[str]:
    """Return warnings about the database library that the ledger of a URL is opened with."""
    warning = None if is_postgres_url(url) else wal_reset_warning()
    return [] if warning is None else [warning]
