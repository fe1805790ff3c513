"""Tables written as Parquet: one file each, in row groups, so that memory does not grow with them.

Quantities are decimals with four places, days are dates, moments are timestamps in UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stocktrail.interfaces.parquet.columns import Kind, ListOf, MapOf, RecordOf, TypedColumn
from stocktrail.interfaces.parquet.tables import ParquetTable, Row

ROWS_IN_GROUP = 10_000
"""How many rows are held in memory and written as one row group."""

_DIGITS, _PLACES = 18, 4
_SCALARS: Mapping[str, Callable[[], Any]] = {
    "text": pa.string, "whole": pa.int64, "flag": pa.bool_, "day": pa.date32,
    "quantity": lambda: pa.decimal128(_DIGITS, _PLACES),
    "moment": lambda: pa.timestamp("us", tz="UTC"),
}


def write_table(
    folder: Path, table: ParquetTable, said: Mapping[str, str], report: Callable[[int], None]
) -> int:
    """Write a table into a folder, and return how many rows it has.

    The file says of itself what is ``said``, in the metadata of its schema. How many rows are
    written is reported now and then.
    """
    metadata: dict[bytes | str, bytes | str] = dict(said.items())
    schema = pa.schema(
        [pa.field(column.name, _type_of(column.kind)) for column in table.columns], metadata
    )
    written = 0
    path = folder / f"{table.name}.parquet"
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _groups(table.rows):
            values = [_record(table.columns, row) for row in rows]
            writer.write_table(pa.Table.from_pylist(values, schema=schema))
            written += len(rows)
            report(written)
    return written


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    following = iter(rows)
    while some := list(islice(following, ROWS_IN_GROUP)):
        yield some


def _type_of(kind: Kind) -> Any:
    if isinstance(kind, str):
        return _SCALARS[kind]()
    if isinstance(kind, ListOf):
        return pa.list_(_type_of(kind.element))
    if isinstance(kind, MapOf):
        return pa.map_(pa.string(), _type_of(kind.value))
    return pa.struct([(column.name, _type_of(column.kind)) for column in kind.columns])


def _record(columns: Iterable[TypedColumn], row: Row) -> dict[str, Any]:
    return {column.name: _value(column.kind, row.get(column.name)) for column in columns}


def _value(kind: Kind, given: Any) -> Any:
    """Return a value of a report as the library takes it."""
    if given is None:
        return None
    if isinstance(kind, ListOf):
        return [_value(kind.element, each) for each in given]
    if isinstance(kind, RecordOf):
        return _record(kind.columns, given)
    if isinstance(kind, MapOf):
        return [(name, _value(kind.value, each)) for name, each in given.items()]
    if kind == "quantity":
        return given if isinstance(given, Decimal) else Decimal(str(given))
    if isinstance(given, str) and kind == "day":
        return date.fromisoformat(given)
    return datetime.fromisoformat(given) if isinstance(given, str) and kind == "moment" else given
