"""Several statements in one round trip, each a transaction of its own.

Statements are sent through libpq, because psycopg's pipelines wait for a reply while part of a
large message is still unsent, and then client and server wait for each other forever. Any error on
the way closes the connection, because the state of the server is unknown then.

Three statements take 52 to 63 us by the clock instead of 126 to 259, on a server of the same
machine (``python -m benchmarks.fast_paths trip``, 2026-11-29); a network makes that more.
"""

import select
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult

from stocktrail.ledger.store.postgres.connection import LedgerConnection, SilenceWatch

_CHECK_MILLISECONDS = 250
_INT8 = Struct(">q")
WireType = tuple[int, Callable[[Any], Any], Callable[[bytes], Any]]

INT8: WireType = (20, _INT8.pack, lambda value: _INT8.unpack(value)[0])
TEXT: WireType = (25, str.encode, bytes.decode)
BYTEA: WireType = (17, bytes, bytes)
BOOL: WireType = (16, lambda value: b"\1" if value else b"\0", lambda value: value == b"\1")
INT8_ARRAY: WireType = (1016, bytes, bytes)
TEXT_ARRAY: WireType = (1009, bytes, bytes)
BYTEA_ARRAY: WireType = (1001, bytes, bytes)
"""Wire types: the type's OID, and the functions that encode and decode it in binary format."""

_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)

_prepared: WeakKeyDictionary[LedgerConnection, set[bytes]] = WeakKeyDictionary()


class Statement(NamedTuple):
    """A statement that a connection prepares once, with the types of its parameters and columns."""

    name: bytes
    query: bytes
    parameters: tuple[WireType, ...]
    columns: tuple[WireType, ...] = ()


Call = tuple[Statement, Sequence[Any]]


def run_pipeline(
    connection: LedgerConnection, calls: Sequence[Call]
) -> list[list[tuple[Any, ...]]]:
    """Send statements at once, each committed by itself, and return the rows of each.

    Raises the first error of the server after all replies have come; the statements after the
    failed one were executed all the same.
    """
    pgconn = connection.pgconn
    try:
        pgconn.enter_pipeline_mode()
        for statement, values in calls:
            _send(connection, statement, values)
        _flush(connection)
        answers = [_results(connection) for _ in calls]
        pgconn.exit_pipeline_mode()
    except BaseException:
        connection.close()
        raise
    for (statement, _), results in zip(calls, answers, strict=True):
        if results and results[0].status in _DONE:
            _prepared.setdefault(connection, set()).add(statement.name)
    for result in (result for results in answers for result in results):
        if result.status not in _DONE:
            raise psycopg.errors.error_from_result(result)
    return [
        _rows(statement, results[-1])
        for (statement, _), results in zip(calls, answers, strict=True)
    ]


def _send(connection: LedgerConnection, statement: Statement, values: Sequence[Any]) -> None:
    pgconn = connection.pgconn
    if statement.name not in _prepared.get(connection, ()):
        types = [kind[0] for kind in statement.parameters]
        pgconn.send_prepare(statement.name, statement.query, types)
    pgconn.send_query_prepared(
        statement.name,
        [
            None if value is None else kind[1](value)
            for kind, value in zip(statement.parameters, values, strict=True)
        ],
        [Format.BINARY] * len(values), result_format=Format.BINARY,
    )
    pgconn.pipeline_sync()


def _flush(connection: LedgerConnection) -> None:
    """Send everything, and read meanwhile, so that neither side waits for the other."""
    pgconn = connection.pgconn
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN | select.POLLOUT)
    while pgconn.flush():
        for events in _ready(connection, poll):
            if events & ~select.POLLOUT:
                pgconn.consume_input()


def _ready(connection: LedgerConnection, poll: select.poll) -> list[int]:
    """Wait until the socket can be read or written, as long as the server is reachable."""
    watch = SilenceWatch(connection)
    while not (ready := poll.poll(_CHECK_MILLISECONDS)):
        watch.require_reply()
    return [events for _, events in ready]


def _results(connection: LedgerConnection) -> list[PGresult]:
    """Return the results of one statement, up to the end of its transaction."""
    pgconn = connection.pgconn
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN)
    results: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            _ready(connection, poll)
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
            return results
        if result is not None:
            results.append(result)
        if pgconn.status != ConnStatus.OK:
            raise psycopg.errors.error_from_result(results[-1]) if results else (
                psycopg.OperationalError(pgconn.get_error_message())
            )


def _rows(statement: Statement, result: PGresult) -> list[tuple[Any, ...]]:
    readers = [(column, kind[2]) for column, kind in enumerate(statement.columns)]
    value = result.get_value
    return [
        tuple([
            None if (written := value(row, column)) is None else read(written)
            for column, read in readers
        ])
        for row in range(result.ntuples)
    ]
