"""The cursor of read models on PostgreSQL: it translates the SQL that SQLite understands.

Read models are written once, in plain SQL with named parameters (``:name``). Rows are accessed by
column name or index, like those of SQLite; many rows are written by one statement.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import orjson
from psycopg import Cursor
from psycopg.adapt import Buffer, Loader
from psycopg.errors import LockNotAvailable
from psycopg.rows import tuple_row

_QUOTED_OR_NAMED = re.compile(r"('(?:[^']|'')*')|(?<![:\w]):([A-Za-z_]\w*)|(%)")
_TEXT_COLUMN = re.compile(r"\bTEXT\b")
_INSERT = re.compile(
    r"INSERT INTO (?P<table>\w+) \((?P<columns>[\w, ]+)\) VALUES \((?P<values>[?, ]+)\)"
    r"(?P<conflict> ON CONFLICT \((?P<key>[\w, ]+)\) .*)?", re.DOTALL
)
_DELETE = re.compile(r"DELETE FROM (?P<table>\w+) WHERE (?P<key>\w+ = \?(?: AND \w+ = \?)*)")


class IntegerLoader(Loader):
    """Loads ``numeric``, the type of PostgreSQL's sums, as an integer."""

    def load(self, data: Buffer) -> int | float:
        """Return one value."""
        written = bytes(data)
        return float(written) if b"." in written else int(written)


class NamedRow(tuple[Any, ...]):
    """A row whose values are accessed by index or by column name."""

    __slots__ = ()
    numbers: ClassVar[Mapping[str, int]] = {}

    def keys(self) -> Iterable[str]:
        """Return the names of the columns."""
        return self.numbers

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.numbers[key] if type(key) is str else key)


@lru_cache(maxsize=512)
def _row_class(names: tuple[str, ...]) -> type[NamedRow]:
    numbers = {name: number for number, name in enumerate(names)}
    return type("NamedRow", (NamedRow,), {"numbers": numbers, "__slots__": ()})


def named_row(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], NamedRow]:
    """Return the function that makes rows of a cursor's result."""
    return _row_class(tuple(column.name for column in cursor.description or ()))


@lru_cache(maxsize=1024)
def to_postgres(statement: str) -> str:
    """Return a statement in PostgreSQL's syntax.

    >>> to_postgres("SELECT sku FROM a WHERE sku > :after AND name LIKE '%:x'")
    "SELECT sku FROM a WHERE sku > %(after)s AND name LIKE '%%:x'"
    >>> to_postgres("CREATE TABLE a (sku TEXT NOT NULL, n BIGINT)")
    'CREATE TABLE a (sku TEXT COLLATE "C" NOT NULL, n BIGINT)'
    """
    if statement.startswith("CREATE TABLE"):
        statement = _TEXT_COLUMN.sub('TEXT COLLATE "C"', statement)
    return _QUOTED_OR_NAMED.sub(
        lambda found: (
            found[1].replace("%", "%%") if found[1] else f"%({found[2]})s" if found[2] else "%%"
        ),
        statement,
    )


class BulkStatement(NamedTuple):
    """A statement for many rows, which are passed as one JSON text.

    ``columns`` are those whose values are in a row; no two rows may have the same ``key``.
    """

    statement: str
    columns: tuple[str, ...]
    key: tuple[int, ...]


@lru_cache(maxsize=256)
def bulk_statement(statement: str) -> BulkStatement | None:
    """Return the bulk form of a statement for one row, or ``None`` where there is none."""
    if found := _INSERT.fullmatch(statement):
        table, columns = found["table"], tuple(found["columns"].split(", "))
        key = found["key"].split(", ") if found["key"] else []
        many = (
            f"INSERT INTO {table} ({found['columns']}) SELECT {found['columns']} FROM "
            f"json_populate_recordset(NULL::{table}, %s::json){found['conflict'] or ''}"
        )
        return BulkStatement(many, columns, tuple(columns.index(name) for name in key))
    if found := _DELETE.fullmatch(statement):
        columns = tuple(part.removesuffix(" = ?") for part in found["key"].split(" AND "))
        same = " AND ".join(f"t.{name} = k.{name}" for name in columns)
        many = (
            f"DELETE FROM {found['table']} t USING "
            f"json_populate_recordset(NULL::{found['table']}, %s::json) k WHERE {same}"
        )
        return BulkStatement(many, columns, tuple(range(len(columns))))
    return None


class ModelCursor:
    """A cursor as read models use it."""

    def __init__(self, cursor: Cursor[Any]) -> None:
        self._cursor = cursor
        cursor.row_factory = named_row

    def with_tuple_rows(self) -> "ModelCursor":
        """Return rows as plain tuples from now on."""
        self._cursor.row_factory = tuple_row
        return self

    def execute(self, statement: str, parameters: Any = None, /) -> "ModelCursor":
        """Run one statement."""
        self._cursor.execute(to_postgres(statement).encode(), parameters or {})
        return self

    def execute_native(self, statement: str, parameters: Sequence[Any], /) -> "ModelCursor":
        """Run one statement in PostgreSQL's syntax, with positional parameters."""
        self._cursor.execute(statement.encode(), parameters)
        return self

    def executemany(self, statement: str, parameters: Any, /) -> "ModelCursor":
        """Run one statement for many rows; of rows with the same key the last one wins.

        A row takes 8 us by the clock instead of 160 or more as a statement of its own
        (``python -m benchmarks.fast_paths many``, 2026-11-29).
        """
        rows = list(parameters)
        many = bulk_statement(statement)
        if many is None:
            for row in rows:     # the driver's executemany uses its pipeline, which may deadlock
                self._cursor.execute(to_postgres(statement).encode(), row)
        elif rows:
            written, columns, key = many
            if key and len(rows) > 1:
                rows = list({tuple(row[place] for place in key): row for row in rows}.values())
            named = [dict(zip(columns, row, strict=True)) for row in rows]
            self._cursor.execute(written.encode(), [orjson.dumps(named).decode()])
        return self

    def try_to_lock(self, table: str, milliseconds: int, seconds: int) -> bool:
        """Lock a table against everybody; return ``False`` if it is still in use after that time.

        Afterwards statements wait so many ``seconds`` for a lock.
        """
        try:
            with self._cursor.connection.transaction():
                self._cursor.execute(
                    f"SET LOCAL lock_timeout = {milliseconds};"
                    f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;"
                    f"SET LOCAL lock_timeout = '{seconds}s'".encode()
                )
        except LockNotAvailable:
            return False
        return True

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed or found."""
        return self._cursor.rowcount

    def fetchone(self) -> Any:
        """Return the next row, or ``None``."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """Return the remaining rows."""
        return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)
