"""Sending one message: one request to a checked address, within limits of time and size.

Redirects are not followed, and only the status and ``Retry-After`` of the answer matter: an answer
beyond the limit is truncated, and a silent receiver is disconnected.
"""

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from stocktrail.feeds.tls_errors import describe_tls_error
from stocktrail.feeds.webhooks.targets import Network, RefusedTarget, Target, find_target

_AT_ONCE = 65_536
_MAX_ERROR_LENGTH = 500
_MISTAKES_OF_OURS = (
    h11.LocalProtocolError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError,
    ValueError,
)
_LOG = logging.getLogger(__name__)


class Limits(NamedTuple):
    """How long a receiver may take, and how much of its answer is read."""

    connect_seconds: float = 5.0
    total_seconds: float = 20.0
    answer_bytes: int = 65_536
    networks: Sequence[Network] = ()
    certificates: ssl.SSLContext | None = None


class Answer(NamedTuple):
    """The result of one attempt: the status if there was an answer, or why there was none."""

    status: int | None
    milliseconds: int
    error: str | None = None
    retry_after: str | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver accepted the message."""
        return self.status is not None and 200 <= self.status < 300


async def send(url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
    """Send one message by POST and return the result; nothing that a receiver does is raised.

    Every failure is returned as an attempt, so that it is recorded and counted.
    """
    begun = time.monotonic()

    def answer(status: int | None, error: str | None = None, later: str | None = None) -> Answer:
        took = int((time.monotonic() - begun) * 1000)
        return Answer(status, took, None if error is None else _legible(error), later)

    try:
        async with asyncio.timeout(limits.total_seconds):
            target = await find_target(url, limits.networks)
            response = await _ask(target, headers, body, limits)
    except RefusedTarget as error:
        return answer(None, str(error))
    except TimeoutError:
        return answer(None, f"There was no answer within {limits.total_seconds:g} seconds.")
    except ssl.SSLError as error:
        host = urlsplit(url).hostname or ""
        return answer(None, f"The connection failed: {describe_tls_error(error, host)}")
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        return answer(None, f"The connection failed: {why}.")
    except (h11.RemoteProtocolError, asyncio.IncompleteReadError) as error:
        return answer(None, f"The answer was not HTTP: {error}.")
    except _MISTAKES_OF_OURS as error:
        # A bug of ours that an answer triggers counts as a failed attempt, with its back-off.
        _LOG.exception("An attempt to deliver went wrong")
        return answer(None, f"The attempt went wrong here ({type(error).__name__}).")
    status = response.status_code
    later = next((value for name, value in response.headers if name == b"retry-after"), None)
    wrong = None
    if 300 <= status < 400:
        wrong = f"It answered {status}: redirects are not followed."
    elif not 200 <= status < 300:
        wrong = f"It answered {status}."
    return answer(status, wrong, None if later is None else later.decode("latin-1"))


async def _ask(
    target: Target, headers: Mapping[str, str], body: bytes, limits: Limits
) -> h11.Response:
    encrypted = (limits.certificates or _certificates()) if target.encrypted else None
    try:
        async with asyncio.timeout(limits.connect_seconds):
            reader, writer = await asyncio.open_connection(
                target.address, target.port, ssl=encrypted,
                server_hostname=target.host if encrypted else None,
            )
    except TimeoutError:
        raise OSError(f"nobody was there within {limits.connect_seconds:g} seconds") from None
    try:
        connection = h11.Connection(h11.CLIENT)
        request = h11.Request(method="POST", target=target.path, headers=[
            ("host", target.authority), ("content-length", str(len(body))),
            ("connection", "close"), *headers.items(),
        ])
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        with suppress(ConnectionError):     # it may answer before it has read the whole request
            await writer.drain()
        return await _answer(connection, reader, limits)
    finally:
        # Abort instead of close: an orderly close waits for a receiver that may keep sending.
        writer.transport.abort()


async def _answer(
    connection: h11.Connection, reader: asyncio.StreamReader, limits: Limits
) -> h11.Response:
    """Return an answer, read up to the limit; once its status is known, it may be cut off."""
    response: h11.Response | None = None
    read = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if response is not None and read > limits.answer_bytes:
                return response
            try:
                data = await reader.read(_AT_ONCE)
            except ConnectionError:
                if response is not None:
                    return response
                raise
            read += len(data)
            if not data and response is not None:
                return response
            connection.receive_data(data)
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            if response is None:
                raise h11.RemoteProtocolError("the connection was closed without an answer")
            return response


def _legible(said: str) -> str:
    """Return a receiver's text without characters that a database or a screen cannot hold."""
    shown = "".join(mark if mark.isprintable() else "?" for mark in said[:_MAX_ERROR_LENGTH])
    return shown if len(said) <= _MAX_ERROR_LENGTH else f"{shown}..."


def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()
