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
from stocktrail.ledger.store.merkle.flaws import Flaw
from stocktrail.ledger.store.merkle.integrity import IntegrityCheck
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address
from tests.store.shop import order, send, stocked

COVERED = {
    "commands": (
        "sequence", "first_position", "last_position", "occurred_at", "recorded_at", "command_id",
        "fingerprint", "status", "body", "result", "events", "correlation_id", "causation_id",
        "actor", "credential", "group_sequence", "leaf",
    ),
    "stream_index": ("stream", "version", "sequence", "place"),
    "ledger_head": ("position", "recorded_at", "sequence", "root", "edge"),
}
KEYS = {
    "commands": ("sequence",), "stream_index": ("stream", "version"), "ledger_head": ("id",),
}


class Flip(NamedTuple):
    """A bit to turn over: its table, row and column, and what stands there before and after.

    ``position`` is where the flaw must be named, ``None`` where that is the end of the log.
    """

    table: str
    row: tuple[Any, ...]
    column: str
    before: Any
    after: Any
    position: int | None


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


def flaws_of(ledger: Ledger) -> list[Flaw]:
    """Return what the integrity check finds."""
    check = IntegrityCheck(ledger.sealed_log)
    check.check_up_to(ledger.sealed_log.head())
    return check.flaws


def a_flip(chance: random.Random, connection: Any) -> Flip | None:
    """Choose a bit."""
    table = chance.choice(["commands"] * 8 + ["stream_index"] * 2 + ["ledger_head"])
    column, key = chance.choice(COVERED[table]), KEYS[table]
    rows = connection.execute(f"SELECT {', '.join(key)}, {column} FROM {table}").fetchall()
    chosen = tuple(chance.choice(rows))
    row, before = chosen[:-1], chosen[-1]
    after = flipped(chance, before)
    if after is None:
        return None
    return Flip(table, row, column, before, after, position_of(connection, table, row))


def position_of(connection: Any, table: str, row: tuple[Any, ...]) -> int | None:
    """Return the position that a row is about."""
    if table == "ledger_head":
        return None
    places = {
        (stream, version): (sequence, place) for stream, version, sequence, place
        in connection.execute("SELECT stream, version, sequence, place FROM stream_index")
    }
    sequence, place = (row[0], 0) if table == "commands" else places[row]
    positions = dict(connection.execute("SELECT sequence, first_position FROM commands"))
    return int(positions[sequence]) + int(place)


def flip_bits(url: str, seed: int, tries: int) -> None:
    """Turn so many bits over, one after the other; each is found, and its position is named."""
    chance = random.Random(seed)
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA"))
        send(ledger, [
            order("SO-1", "TEA", actor="ann", correlation_id="basket-1"),
            order("SO-2", "TEA", quantity=9_999), order("SO-3", "TEA"),
        ])
        end = ledger.head().position
        assert not flaws_of(ledger)
        tried = 0
        with behind(url) as (connection, place):
            while tried < tries:
                flip = a_flip(chance, connection)
                if flip is None:
                    continue
                write = (
                    f"UPDATE {flip.table} SET {flip.column}={place} WHERE "
                    + " AND ".join(f"{name}={place}" for name in KEYS[flip.table])
                )
                try:
                    connection.execute(write, [flip.after, *flip.row])
                except (sqlite3.IntegrityError, psycopg.errors.UniqueViolation):
                    continue                     # the database itself does not have it
                found = flaws_of(ledger)
                assert found, flip
                named = found[0].position
                assert named == flip.position or (flip.position is None and named <= end + 1), (
                    flip, found
                )
                changed = zip(KEYS[flip.table], flip.row, strict=True)
                key = [flip.after if name == flip.column else value for name, value in changed]
                connection.execute(write, [flip.before, *key])
                tried += 1
        assert not flaws_of(ledger)


def test_every_bit_counts(database_url: str) -> None:
    flip_bits(database_url, seed=6, tries=1_000)


def test_a_byte_that_is_no_letter_any_more_is_found(sqlite_url: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        send(ledger, stocked("TEA"))
        with behind(sqlite_url) as (connection, _):
            for column in ("command_id", "status"):
                [[before]] = connection.execute(
                    f"SELECT {column} FROM commands WHERE sequence=2"
                ).fetchall()
                broken = (b"\xff" + before.encode()[1:]).hex()
                connection.execute(
                    f"UPDATE commands SET {column}=CAST(x'{broken}' AS TEXT) WHERE sequence=2"
                )
                assert flaws_of(ledger)[0].position == 2
                connection.execute(f"UPDATE commands SET {column}=? WHERE sequence=2", [before])
        assert not flaws_of(ledger)


def test_a_ledger_with_nothing_in_it_is_whole(ledger: Ledger) -> None:
    assert not flaws_of(ledger)
    assert ledger.root()[0] == 0


@pytest.mark.parametrize("statement", [
    "UPDATE commands SET leaf='x', events='x' WHERE sequence=1",
    "UPDATE commands SET occurred_at='yesterday' WHERE sequence=1",
    "UPDATE commands SET events='[]' WHERE sequence=1",
    "UPDATE commands SET events=x'00' WHERE sequence=1",
    "UPDATE commands SET command_id=x'00' WHERE sequence=1",
    "UPDATE commands SET status=x'00' WHERE sequence=1",
    "UPDATE commands SET group_sequence='x' WHERE sequence=1",
    "UPDATE ledger_head SET sequence=2.5",
    "UPDATE ledger_head SET root='x'",
    "UPDATE stream_index SET sequence='x'",
    "UPDATE stream_index SET stream=x'00'",
    "DELETE FROM stream_index WHERE version=2",
    "INSERT INTO stream_index VALUES ('stock/TEA', 3, 2, 1)",
    "INSERT INTO stream_index VALUES ('stock/NEW', 1, 999, 0)",
])
def test_a_value_of_another_kind_is_found(sqlite_url: str, statement: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        send(ledger, stocked("TEA"))
        with behind(sqlite_url) as (connection, _):
            connection.execute(statement)
        assert flaws_of(ledger)
