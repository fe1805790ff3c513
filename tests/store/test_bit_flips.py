"""One bit of anything that the seal covers is turned over: the integrity check finds it, always."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.merkle.integrity import IntegrityCheck
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address
from tests.store.shop import order, send, stocked

TRIES = 1_000

COVERED = {
    "stored_events": (
        "position", "originator_id", "originator_version", "topic", "state", "occurred_at",
        "recorded_at", "command_id", "correlation_id", "causation_id", "actor", "leaf",
    ),
    "stored_commands": (
        "sequence", "command_id", "fingerprint", "status", "first_position", "last_position",
        "body", "result", "leaf",
    ),
    "ledger_head": (
        "position", "recorded_at", "event_root", "event_range", "command_count", "command_root",
        "command_range",
    ),
}


class Flip(NamedTuple):
    """A bit to turn over: its table, row and column, and what stands there before and after."""

    table: str
    row: int
    column: str
    before: Any
    after: Any


def flipped(chance: random.Random, value: Any) -> Any:
    """Turn one bit of a value over; ``None`` when there is none, or no text comes of it."""
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(63))
    written = bytearray(value.encode() if isinstance(value, str) else value or b"")
    if not written:
        return None
    written[chance.randrange(len(written))] ^= 1 << chance.randrange(8)
    if not isinstance(value, str):
        return bytes(written)
    try:
        text = written.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


@contextmanager
def behind(url: str) -> Iterator[tuple[Any, str]]:
    """Return a connection for which no trigger works, and how it writes a parameter."""
    if is_postgres_url(url):
        address = postgres_address(url)
        with psycopg.connect(make_conninfo("", **address.connection), autocommit=True) as server:
            server.execute(f'SET search_path TO "{address.schema}"'.encode())
            server.execute("SET session_replication_role = replica")
            yield server, "%s"
        return
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as file:
        triggers = file.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall()
        for [name] in triggers:
            file.execute(f"DROP TRIGGER {name}")
        file.execute("PRAGMA synchronous=OFF")
        yield file, "?"


def is_found(ledger: Ledger) -> bool:
    """Return whether the integrity check finds anything."""
    check = IntegrityCheck(ledger.sealed_log)
    check.check_up_to(ledger.sealed_log.head())
    return bool(check.flaws)


def a_flip(chance: random.Random, connection: Any) -> Flip | None:
    """Choose a bit."""
    table = chance.choice(["stored_events"] * 6 + ["stored_commands"] * 3 + ["ledger_head"])
    column = chance.choice(COVERED[table])
    key = {"stored_events": "position", "stored_commands": "sequence"}.get(table, "id")
    rows = connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall()
    row, before = chance.choice(rows)
    after = flipped(chance, before)
    if after is None or (column == key and any(other == after for other, _ in rows)):
        return None
    return Flip(table, row, column, before, after)


def test_every_bit_counts(database_url: str) -> None:
    chance = random.Random(6)
    with open_ledger(database_url) as ledger:
        send(ledger, stocked("TEA"))
        send(ledger, [
            order("SO-1", "TEA", actor="ann", correlation_id="basket-1"),
            order("SO-2", "TEA", quantity=9_999), order("SO-3", "TEA"),
        ])
        assert not is_found(ledger)
        tried = 0
        with behind(database_url) as (connection, place):
            while tried < TRIES:
                flip = a_flip(chance, connection)
                if flip is None:
                    continue
                table, row, column, before, after = flip
                key = {"stored_events": "position", "stored_commands": "sequence"}.get(table, "id")
                write = f"UPDATE {table} SET {column}={place} WHERE {key}={place}"
                try:
                    connection.execute(write, [after, row])
                except (sqlite3.IntegrityError, psycopg.errors.UniqueViolation):
                    continue                     # the database itself does not have it
                assert is_found(ledger), flip
                connection.execute(write, [before, after if column == key else row])
                tried += 1
        assert not is_found(ledger)


def test_a_byte_that_is_no_letter_any_more_is_found(sqlite_url: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        send(ledger, stocked("TEA"))
        with behind(sqlite_url) as (connection, _):
            for column in ("originator_id", "topic", "command_id"):
                [[before]] = connection.execute(
                    f"SELECT {column} FROM stored_events WHERE position=2"
                ).fetchall()
                broken = (b"\xff" + before.encode()[1:]).hex()
                connection.execute(
                    f"UPDATE stored_events SET {column}=CAST(x'{broken}' AS TEXT) WHERE position=2"
                )
                check = IntegrityCheck(ledger.sealed_log)
                check.check_up_to(ledger.sealed_log.head())
                assert check.flaws[0].position == 2
                connection.execute(
                    f"UPDATE stored_events SET {column}=? WHERE position=2", [before]
                )
        assert not is_found(ledger)


def test_a_ledger_with_nothing_in_it_is_whole(ledger: Ledger) -> None:
    assert not is_found(ledger)
    assert ledger.root()[0] == 0


@pytest.mark.parametrize("statement", [
    "UPDATE stored_events SET leaf=NULL WHERE position=1",
    "UPDATE stored_events SET occurred_at='yesterday' WHERE position=1",
    "UPDATE stored_events SET state='{}' WHERE position=1",
    "UPDATE stored_events SET originator_id=x'00' WHERE position=1",
    "UPDATE ledger_head SET event_range=NULL",
    "UPDATE ledger_head SET command_count=NULL",
    "UPDATE ledger_head SET command_root='x'",
    "UPDATE stored_commands SET status=x'00' WHERE sequence=1",
])
def test_a_value_of_another_kind_is_found(sqlite_url: str, statement: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        send(ledger, stocked("TEA"))
        with behind(sqlite_url) as (connection, _):
            connection.execute(statement)
        assert is_found(ledger)
