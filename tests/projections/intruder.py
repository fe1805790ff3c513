"""An intruder with every right on the database: takes away what guards it, and writes with SQL."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.merkle.heads import TREE_HEAD_COLUMNS, TreeHeads
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address

_EVENTS = (
    "SELECT position, originator_id, originator_version, topic, state, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor FROM stored_events ORDER BY position"
)
_OUTCOMES = (
    "SELECT command_id, fingerprint, status, first_position, last_position, body, result "
    "FROM stored_commands ORDER BY sequence"
)


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
        events, outcomes = self.ask(_EVENTS), self.ask(_OUTCOMES)
        seal, event_leaves, leaves, nodes = TreeHeads().extend(events, outcomes)
        self.do(
            *(("UPDATE stored_events SET leaf=? WHERE position=?", [leaf, place])
              for place, leaf in enumerate(event_leaves, 1)),
            *(("UPDATE stored_commands SET leaf=? WHERE sequence=?", [leaf, place])
              for place, leaf in enumerate(leaves, 1)),
            "DELETE FROM seal_nodes",
            *(("INSERT INTO seal_nodes VALUES (?,?,?,?)", list(node)) for node in nodes),
            (f"UPDATE ledger_head SET position=?, recorded_at=?, ({TREE_HEAD_COLUMNS})=(?,?,?,?,?)",
             [len(events), events[-1][6], *seal.as_row()]),
        )

    def _server(self) -> "psycopg.Connection[tuple[Any, ...]]":
        address = postgres_address(self.url)
        server = psycopg.connect(make_conninfo("", **address.connection), autocommit=True)
        server.execute(f'SET search_path TO "{address.schema}"'.encode())
        return server
