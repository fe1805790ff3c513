"""Tables beside the log: plain SQL with named parameters, the same text for every database.

A table's name carries a version; tables are never migrated. A :class:`TableSet` is one set of such
tables: the live ones in the ledger's database, shadow tables next to them during a rebuild (then
every name has a suffix), or those in a scratch database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Protocol

from stocktrail.ledger.store.time_limit import seconds_left

Row = Mapping[str, Any]
"""One row: values by column."""

Values = tuple[Any, ...]
"""One row to be written, or its key: the values in the order of the table's columns or key."""

ROWS_PER_TURN = 20_000
"""How many rows are written into shadow tables before other writers can take the lock."""

LOOK_UP_AT_ONCE = 500
"""How many keys one query contains."""


class Cursor(Protocol):
    """What a database cursor provides to tables."""

    def execute(self, statement: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def executemany(self, statement: str, parameters: Any, /) -> Any:
        """Run one statement for many rows."""

    def fetchall(self) -> Any:
        """Return the remaining rows."""


class Database(Protocol):
    """A database that can contain tables."""

    def reading(self) -> AbstractContextManager[Cursor]:
        """Read from one consistent snapshot."""

    def writing(self) -> AbstractContextManager[Cursor]:
        """Write; everything commits at the end of the block or nothing does."""


def one_of(column: str, values: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield conditions that a column is one of some values, with their parameters.

    A query asks for so many at once at most; of no values there is none.

    >>> list(one_of("sku", ["A", "B"]))
    [('sku IN (:k0, :k1)', {'k0': 'A', 'k1': 'B'})]
    """
    for start in range(0, len(values), LOOK_UP_AT_ONCE):
        asked = {f"k{n}": v for n, v in enumerate(values[start : start + LOOK_UP_AT_ONCE])}
        yield f"{column} IN ({', '.join(f':{name}' for name in asked)})", asked


@dataclass(frozen=True)
class Table:
    """A table: its columns with their types, the columns of its key, and other indexes.

    An index is written as its columns; ``WHERE`` after them leaves out the rows that do not meet a
    condition, which a query has to name in the same words. No row of a table that ``only_grows`` is
    ever replaced.

    >>> Table("pool_v1", {"pool": "TEXT NOT NULL", "name": "TEXT"}, ("pool",)).upsert
    'INSERT INTO pool_v1 (pool, name) VALUES (?, ?) ON CONFLICT (pool) DO UPDATE SET \
name = excluded.name'
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    only_grows: bool = False

    def create_indexes(self, mark: str = "") -> list[str]:
        """Return the statements that create the indexes for lookups.

        Folding needs none, so shadow tables get them before they become live; the ``mark``
        distinguishes their names from those of the live table.
        """
        return [self._create_index("INDEX", index, mark) for index in self.indexes]

    def create_key(self, mark: str = "") -> list[str]:
        """Return the statement that adds the key to a table that was created without one."""
        if not self.only_grows:
            return []
        return [self._create_index("UNIQUE INDEX", ", ".join(self.key), mark)]

    def _create_index(self, kind: str, columns: str, mark: str) -> str:
        columns, where, condition = columns.partition(" WHERE ")
        name = f"{self.name}_by_{columns.replace(', ', '_')}{mark}"
        return f"CREATE {kind} IF NOT EXISTS {name} ON {self.name} ({columns}){where}{condition}"

    @cached_property
    def create(self) -> str:
        """The statement that creates the table if it is missing."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} ({columns}, "
            f"PRIMARY KEY ({', '.join(self.key)}))"
        )

    @cached_property
    def create_to_be_filled(self) -> str:
        """The statement that creates the table to be filled once; without a key if it only grows.

        Where the key is created after all rows, one of 100,000 takes 2.4 instead of 3.3 us
        (``python -m benchmarks.fast_paths key``, 2026-11-29).
        """
        if not self.only_grows:
            return self.create
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({columns})"

    @cached_property
    def drop(self) -> str:
        """The statement that drops the table if it exists."""
        return f"DROP TABLE IF EXISTS {self.name}"

    @cached_property
    def upsert(self) -> str:
        """The statement that inserts a row, or replaces the one with its key."""
        if self.only_grows:
            values = ", ".join("?" for _ in self.columns)
            return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({values})"
        return self.upsert_of([name for name in self.columns if name not in self.key])

    def upsert_of(self, columns: Sequence[str]) -> str:
        """Return the statement that inserts a row, or changes these columns of the one there."""
        return self._insert_or(", ".join(f"{name} = excluded.{name}" for name in columns))

    def merge_of(self, column: str, operator: Literal["+", "|"]) -> str:
        """Return the statement that inserts a row, or merges this column into the one there.

        >>> Table("sold", {"sku": "TEXT", "units": "BIGINT"}, ("sku",)).merge_of("units", "+")
        'INSERT INTO sold (sku, units) VALUES (?, ?) ON CONFLICT (sku) DO UPDATE SET \
units = sold.units + excluded.units'
        """
        return self._insert_or(f"{column} = {self.name}.{column} {operator} excluded.{column}")

    def _insert_or(self, changes: str) -> str:
        values = ", ".join("?" for _ in self.columns)
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({values}) "
            f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changes}"
        )

    @cached_property
    def delete(self) -> str:
        """The statement that deletes the row of a key."""
        return f"DELETE FROM {self.name} WHERE {' AND '.join(f'{name} = ?' for name in self.key)}"

    @cached_property
    def select(self) -> str:
        """The statement that selects all rows, to which a condition can be appended."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name}"

    @cached_property
    def key_condition(self) -> str:
        """The condition that selects the row of a key."""
        return " AND ".join(f"{name} = :{name}" for name in self.key)

    def named(self, name: str) -> "Table":
        """Return the same table under another name."""
        return replace(self, name=name)

    def rows(self, cursor: Cursor, condition: str = "", **parameters: Any) -> list[Row]:
        """Return the rows that meet a condition (``WHERE ... ORDER BY ... LIMIT ...``)."""
        seconds_left()
        cursor.execute(f"{self.select} {condition}", parameters)
        return list(map(dict, cursor.fetchall()))

    def count(self, cursor: Cursor, condition: str = "", **parameters: Any) -> int:
        """Return the number of rows that meet a condition."""
        cursor.execute(f"SELECT COUNT(*) AS found FROM {self.name} {condition}", parameters)
        return int(cursor.fetchall()[0]["found"])

    def rows_of(
        self, cursor: Cursor, column: str, values: Sequence[str], more: str = "1 = 1",
        **parameters: Any,
    ) -> Iterator[Row]:
        """Yield the rows whose column has one of these values, and that meet another condition."""
        for asked, keys in one_of(column, values):
            yield from self.rows(cursor, f"WHERE {asked} AND ({more})", **keys, **parameters)

    def all_rows(self, cursor: Cursor, page: int = 1000) -> Iterator[Row]:
        """Yield every row in the order of the key, reading a page at a time."""
        for rows in self.pages(cursor, page):
            for row in rows:
                yield dict(zip(self.columns, row, strict=True))

    def pages(self, cursor: Cursor, size: int = 1000) -> Iterator[list[Values]]:
        """Yield the values of every row in the order of the key, as many at a time."""
        order = ", ".join(self.key)
        after = f"WHERE ({order}) > ({', '.join(f':{name}' for name in self.key)})"
        names = list(self.columns)
        places = [names.index(name) for name in self.key]
        condition = ""
        last: dict[str, Any] = {}
        while True:
            seconds_left()
            cursor.execute(
                f"{self.select} {condition} ORDER BY {order} LIMIT :size", {"size": size, **last}
            )
            page: list[Values] = list(map(tuple, cursor.fetchall()))
            if page:
                yield page
            if len(page) < size:
                return
            condition = after
            last = {names[place]: page[-1][place] for place in places}

    def put(self, cursor: Cursor, rows: Iterable[Values]) -> None:
        """Write rows, each of which replaces the one with the same key.

        They are bound by place: 2.0 instead of 2.6 us a row
        (``python -m benchmarks.fast_paths bound``, 2026-11-29).
        """
        if found := list(rows):
            cursor.executemany(self.upsert, found)

    def put_columns(
        self, cursor: Cursor, rows: Iterable[Values], columns: Sequence[str]
    ) -> None:
        """Write rows, of which these columns alone change where there is one with the same key."""
        if found := list(rows):
            cursor.executemany(self.upsert_of(columns), found)

    def put_rows(self, cursor: Cursor, rows: Iterable[Row]) -> None:
        """Write rows given by column name; for callers that write few."""
        self.put(cursor, (tuple(row[name] for name in self.columns) for row in rows))

    def take_out_rows(self, cursor: Cursor, keys: Iterable[Row]) -> None:
        """Delete the rows of keys given by column name."""
        self.take_out(cursor, (tuple(key[name] for name in self.key) for key in keys))

    def take_out(self, cursor: Cursor, keys: Iterable[Values]) -> None:
        """Delete the rows of these keys."""
        if found := list(keys):
            cursor.executemany(self.delete, found)


class ShortTransactions:
    """A cursor that writes in many short transactions, so that other writers are not blocked.

    It is for tables that nobody reads yet, whose rows need not be committed together.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def execute(self, statement: str, parameters: Any = (), /) -> Any:
        """Run one statement in a transaction of its own."""
        with self._database.writing() as cursor:
            cursor.execute(statement, parameters)

    def executemany(self, statement: str, parameters: Any, /) -> Any:
        """Run one statement for many rows, in several transactions."""
        rows = list(parameters)
        for start in range(0, len(rows), ROWS_PER_TURN):
            with self._database.writing() as cursor:
                cursor.executemany(statement, rows[start : start + ROWS_PER_TURN])

    def fetchall(self) -> Any:
        """Return no rows: this cursor only writes."""
        return []


@dataclass(frozen=True)
class TableSet:
    """A set of tables: the database that has them, and the suffix of their names there."""

    database: Database
    suffix: str = ""

    def table(self, table: Table) -> Table:
        """Return a table as it is named in this set."""
        return table.named(table.name + self.suffix) if self.suffix else table


@dataclass(frozen=True)
class ReadModel:
    """A read model: its name and its tables."""

    name: str
    tables: tuple[Table, ...]
