"""Rows of tables beside the log, written by name: few at a time, and read by people."""

from collections.abc import Iterable

from projections.tables import Cursor, Row, Table


def put_rows(table: Table, cursor: Cursor, rows: Iterable[Row]) -> None:
    """Write rows, each in place of the one with the same key."""
    table.put(cursor, [tuple(row[name] for name in table.columns) for row in rows])


def take_out_rows(table: Table, cursor: Cursor, rows: Iterable[Row]) -> None:
    """Delete the rows of these keys; what else stands in them does not matter."""
    table.take_out(cursor, [tuple(row[name] for name in table.key) for row in rows])
