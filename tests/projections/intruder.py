"""An intruder with every right on the database: takes away what guards it, and writes with SQL."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.command_row import COLUMNS, CommandRow
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address

_ROWS = f"SELECT {COLUMNS} FROM commands ORDER BY sequence"


class Intruder:
    """Writes to the database of a ledger behind the program's back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.on_server = is_postgres_url(url)

    def do(self, *statements: str | tuple[str, list[Any]]) -> None:
        """Carry out statements, with ``?`` for parameters, while no trigger looks."""
        asked = [each if isinstance(each, tuple) else (each, []) for each in statements]
        if self.on_server:
            with self._server() as server:
                server.execute("SET session_replication_role = replica")
                for statement, values in asked:
                    server.execute(statement.replace("?", "%s").encode(), values or None)
            return
        with closing(sqlite3.connect(sqlite_path(self.url))) as file:
            for [name] in file.execute(
                "SELECT name FROM sqlite_master WHERE type='trigger'"
            ).fetchall():
                file.execute(f"DROP TRIGGER {name}")
            for statement, values in asked:
                file.execute(statement, values)
            file.commit()

    def ask(self, query: str) -> list[Any]:
        """Read rows."""
        if self.on_server:
            with self._server() as server:
                return server.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(sqlite_path(self.url))) as file:
            return file.execute(query).fetchall()

    def reseal(self) -> None:
        """Compute the seal anew over whatever stands in the log now, without the signing key."""
        rows = [CommandRow._make(row) for row in self.ask(_ROWS)]
        leaves = command_leaves(rows)
        tree, nodes = CompactRange().extend(leaves)
        end = [row for row in rows if row.first_position <= row.last_position][-1]
        self.do(
            *(("UPDATE commands SET leaf=? WHERE sequence=?", [leaf, row.sequence])
              for row, leaf in zip(rows, leaves, strict=True)),
            "DELETE FROM seal_nodes",
            *(("INSERT INTO seal_nodes VALUES (?,?,?)", list(node)) for node in nodes),
            ("UPDATE ledger_head SET position=?, recorded_at=?, sequence=?, root=?, edge=?", [
                end.last_position, end.recorded_at + end.last_position - end.first_position,
                len(rows), tree.root, tree.as_bytes(),
            ]),
        )

    def _server(self) -> "psycopg.Connection[tuple[Any, ...]]":
        address = postgres_address(self.url)
        server = psycopg.connect(make_conninfo("", **address.connection), autocommit=True)
        server.execute(f'SET search_path TO "{address.schema}"'.encode())
        return server
