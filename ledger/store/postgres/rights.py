"""Who may read a ledger in PostgreSQL and who may append to it, kept when tables are replaced."""

from typing import Any, NamedTuple

from stocktrail.ledger.store.postgres.cursor import ModelCursor

_READ_BY = (
    "SELECT DISTINCT quote_ident(r.rolname) FROM pg_class c, aclexplode(c.relacl) a, pg_roles r "
    "WHERE c.oid = CAST(:table AS regclass) AND a.privilege_type = 'SELECT' "
    "AND r.oid = a.grantee AND r.oid <> c.relowner"
)
_WRITTEN_BY = (
    "SELECT DISTINCT quote_ident(r.rolname) FROM pg_proc p, aclexplode(p.proacl) a, pg_roles r "
    "WHERE p.oid = 'append_group'::regproc AND r.oid = a.grantee AND r.oid <> p.proowner"
)
_FUNCTIONS = "append_group, take_turn, raise_fence, lock_head"


class Rights(NamedTuple):
    """The roles that may read the log, and those that may append to it."""

    readers: list[str]
    writers: list[str]

    @classmethod
    def of(cls, cursor: ModelCursor, table: str) -> "Rights":
        """Return who may read a table of the log, and who may call the function that appends."""
        return cls(
            _first_column(cursor, _READ_BY, {"table": table}),
            _first_column(cursor, _WRITTEN_BY, {}),
        )

    def grant(self, cursor: ModelCursor, tables: str) -> None:
        """Grant them the same rights on the tables, and on the functions that append."""
        for role in self.readers:
            cursor.execute(f"GRANT SELECT ON {tables} TO {role}")
        for role in self.writers:
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {_FUNCTIONS} TO {role}")


def _first_column(cursor: ModelCursor, query: str, asked: dict[str, Any]) -> list[Any]:
    cursor.execute(query, asked)
    return [row[0] for row in cursor.fetchall()]
