"""Comparison of tables: a digest of all rows, and the first differing row."""

from hashlib import blake2b

import orjson

from stocktrail.ledger.store.tables import Cursor, Row, Table
from stocktrail.projections.verify.findings import Finding, finding

_BYTES, _ROWS_AT_ONCE = 16, 1_000


def digest_of(table: Table, cursor: Cursor) -> str:
    """Return a digest of the rows of a table, in the order of its key.

    The same rows have the same digest on every database.
    """
    digest = blake2b(digest_size=_BYTES)
    for page in table.pages(cursor, _ROWS_AT_ONCE):
        digest.update(orjson.dumps(page))
    return digest.hexdigest()


def first_difference(
    name: str, live: Table, cursor: Cursor, rebuilt: Table, aside: Cursor
) -> Finding | None:
    """Return the first row in which a live table differs from the rebuilt one, if any."""
    for row in live.all_rows(cursor):
        expected = _row_of(rebuilt, aside, row)
        if expected is None:
            return _found(name, live, row, "is in the read model but does not follow from the log")
        for column in live.columns:
            if row[column] != expected[column]:
                return _found(
                    name, live, row,
                    f"has {column} {row[column]!r}, but {expected[column]!r} follows from the log",
                )
    for row in rebuilt.all_rows(aside):
        if _row_of(live, cursor, row) is None:
            return _found(name, live, row, "follows from the log but is not in the read model")
    return None


def _row_of(table: Table, cursor: Cursor, row: Row) -> Row | None:
    key = {name: row[name] for name in table.key}
    rows = table.rows(cursor, f"WHERE {table.key_condition}", **key)
    return rows[0] if rows else None


def _found(name: str, table: Table, row: Row, what: str) -> Finding:
    key = {column: row[column] for column in table.key}
    written = ", ".join(f"{column} {value!r}" for column, value in key.items() if value != "")
    return finding(
        "read_model_differs",
        f"Read model {name}: the row of {table.name} with {written} {what}. "
        "Run `stocktrail rebuild` to build the read models anew.",
        read_model=name, table=table.name, key=key,
    )
