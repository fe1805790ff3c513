"""The connection to a NATS server: made within seconds, or a sentence that says why it failed."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import ServiceUnavailableError

from stocktrail.feeds.nats.subjects import PREFIX
from stocktrail.feeds.tls_errors import describe_tls_error

CONNECT_SECONDS = 3.0
"""The timeout of the connection, and of each step of its handshake."""

_CLOSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Server:
    """A NATS server, the stream on it, and how to log in."""

    url: str
    stream: str
    prefix: str = PREFIX
    replicas: int = 1
    credentials: str | None = None

    @property
    def where(self) -> str:
        """The address without the name and password that its URL may contain.

        >>> Server("nats://ann:secret@nats.example:4222", "LEDGER").where
        'nats.example:4222'
        """
        return self.url.rpartition("//")[2].rpartition("@")[2].strip("/")


class NatsUnavailable(Exception):
    """The server is unreachable, rejects the login or does not answer; retrying is safe."""

    code = "nats_unavailable"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


NATS_ERRORS = (NatsError, OSError, TimeoutError)
"""What the library raises for errors of the server or the network."""


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Client]:
    """Connect during the block. Raises :class:`NatsUnavailable` when that fails."""
    client = Client()
    causes: list[Exception] = []

    async def keep(error: Exception) -> None:
        causes.append(error)        # the library replaces the cause by "no servers available"

    if server.credentials is not None and not os.access(server.credentials, os.R_OK):
        raise NatsUnavailable(f"The file of credentials {server.credentials} cannot be read.")
    try:
        # Its own retries are off: they sleep and cannot be interrupted by a request to stop.
        await client.connect(
            server.url, connect_timeout=int(CONNECT_SECONDS), max_reconnect_attempts=1,
            reconnect_time_wait=0, allow_reconnect=False, error_cb=keep,
            user_credentials=None if server.credentials is None else Path(server.credentials),
        )
    except NATS_ERRORS as error:
        cause = next((each for each in causes if not isinstance(each, NatsError)), error)
        raise NatsUnavailable(describe_error(cause, server)) from error
    except ImportError:
        raise NatsUnavailable(
            "A file of credentials needs the package nkeys: pip install nkeys."
        ) from None
    except (ValueError, UnicodeError) as error:
        raise NatsUnavailable(f"{server.where} is no address of a NATS server ({error}).") from None
    try:
        yield client
    finally:
        with suppress(*NATS_ERRORS):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await client.close()


def describe_error(error: BaseException, server: Server) -> str:
    """Return in one sentence why the copy in NATS does not go on.

    >>> describe_error(ConnectionRefusedError(111, "Refused"), Server("nats://here:4222", "S"))
    'The NATS server at here:4222 cannot be reached: Connection refused.'
    """
    name = f"The NATS server at {server.where}"
    if isinstance(error, ssl.SSLError):
        host = urlsplit(f"//{server.where}").hostname or server.where
        return f"{name} cannot be reached: {describe_tls_error(error, host)}"
    if isinstance(error, TimeoutError):
        return f"{name} does not answer."
    if isinstance(error, OSError):
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        return f"{name} cannot be reached: {why}."
    if isinstance(error, ServiceUnavailableError):
        return f"{name} has no JetStream to answer; is it switched on, and has it a leader?"
    said = str(error).removeprefix("nats: ").strip().rstrip(".")
    if "authorization" in said.lower() or "authentication" in said.lower():
        return f"{name} does not let us in: {said}. Check --credentials, or the user in --server."
    return f"{name} failed: {said or type(error).__name__}."
