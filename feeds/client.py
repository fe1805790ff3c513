"""A client for services that follow the log: it loses nothing and tells nothing twice.

It uses nothing but the standard library, and nothing of stocktrail: copy it where you need it.

    with Subscription("http://127.0.0.1:8000/events", after=my_position) as subscription:
        for batch in subscription.batches():
            with my_database:                          # one transaction
                for event in batch.events:
                    apply(event)
                remember(batch.position)

The position goes into your own database, in the transaction that holds what you made of the events.
Killed at any moment, the service goes on where that transaction ended. When the connection or the
server is lost, the client asks again until it is back.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

READ_AT_ONCE = 64 * 1024
_TRY_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))


class SubscriptionRefused(Exception):
    """The server rejects the request, and will do so however often it is repeated.

    ``code`` is stable: ``cursor_beyond_log`` when the log does not contain what you have already
    seen (it was restored from a backup, or is another one), ``unknown_type``, ``token_required``
    and the others that the service answers with.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class SubscriptionLost(Exception):
    """The server could not be reached for longer than ``patience_seconds``."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some CloudEvents in order, perhaps none, and the position to resume from.

    ``head`` is the end of the log as last reported. A batch without events moves the position past
    events that were not selected.
    """

    events: tuple[dict[str, Any], ...]
    position: int
    head: int

    @property
    def is_caught_up(self) -> bool:
        """Return whether there was nothing after this batch."""
        return self.position >= self.head


class Subscription:
    """Follows the log of a server from a position.

    ``types`` and ``subject`` filter on the server. ``wait_seconds`` is how long a request waits at
    the server, ``patience_seconds`` for how long an unreachable server is retried (without it
    forever), ``silence_seconds`` after how long without data a stream is considered dead.
    """

    def __init__(
        self,
        url: str,
        *,
        after: int = 0,
        types: Sequence[str] = (),
        subject: str | None = None,
        token: str | None = None,
        limit: int = 1000,
        wait_seconds: float = 30.0,
        silence_seconds: float = 60.0,
        patience_seconds: float | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of a server, such as http://host/events")
        self.position: int = after
        self.head: int = -1              # unknown yet
        self._secure, self._host, self._path = parts.scheme == "https", parts.netloc, parts.path
        self._selected = [("types", each) for each in types]
        self._selected += [("subject", subject)] if subject else []
        self._token, self._limit, self._wait_seconds = token, limit, wait_seconds
        self._silence_seconds, self._patience_seconds = silence_seconds, patience_seconds
        self._connection: HTTPConnection | None = None
        self._failures = 0
        self._lost_at = 0.0

    def __enter__(self) -> Self:
        """Return the subscription."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the subscription can be used again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def batches(self) -> Iterator[Batch]:
        """Follow the log forever by long polling: page after page, then whatever is recorded.

        The first batch is returned at once, even if it is empty. Raises
        :class:`SubscriptionRefused` or :class:`SubscriptionLost`.
        """
        while True:
            try:
                batch = self._page()
            except (OSError, HTTPException) as error:
                self._pause(error)
                continue
            self._failures = 0
            yield self._moved(batch)

    def stream(self) -> Iterator[Batch]:
        """Follow the log forever as a stream of Server-Sent Events.

        Events that arrive together are one batch. Raises as :meth:`batches` does.
        """
        while True:
            try:
                for batch in self._received():
                    self._failures = 0
                    yield self._moved(batch)
                self._pause(ConnectionError("the stream has ended"))
            except (OSError, HTTPException) as error:
                self._pause(error)

    def events(self) -> Iterator[dict[str, Any]]:
        """Follow the log event by event; ``int(event["sequence"])`` is the position to store."""
        for batch in self.batches():
            yield from batch.events

    # ------------------------------------------------------------------ asking

    def _moved(self, batch: Batch) -> Batch:
        self.position, self.head = batch.position, batch.head
        return batch

    def _page(self) -> Batch:
        asked: list[tuple[str, Any]] = [("after", self.position), ("limit", self._limit)]
        if 0 <= self.head <= self.position:
            asked.append(("wait", self._wait_seconds))
        response = self._ask([*asked, *self._selected], "application/cloudevents-batch+json")
        events = json.loads(response.read())
        position = int(response.headers["Position"])
        return Batch(tuple(events), position, int(response.headers["Head"]))

    def _received(self) -> Iterator[Batch]:
        response = self._ask([("after", self.position), *self._selected], "text/event-stream")
        pending = b""
        try:
            while chunk := response.read1(READ_AT_ONCE):
                whole, found, rest = (pending + chunk).rpartition(b"\n\n")
                while rest.startswith(b":") and b"\n" in rest:
                    rest = rest.partition(b"\n")[2]        # a heartbeat
                pending = rest
                batch = self._batch(whole) if found else None
                if batch is not None:
                    yield batch
        finally:
            self.close()

    def _batch(self, received: bytes) -> Batch | None:
        """Return the batch of whole messages, or ``None`` if there were only heartbeats."""
        events: list[bytes] = []
        position, head = None, self.head
        for message in received.split(b"\n\n"):
            fields = dict(line.split(b": ", 1) for line in message.split(b"\n") if b": " in line)
            if b"id" not in fields:
                continue
            position = int(fields[b"id"])
            if b"event" in fields:
                head = json.loads(fields[b"data"])["head"]
            else:
                events.append(fields[b"data"])
        if position is None:
            return None
        told = json.loads(b"[%b]" % b",".join(events))
        return Batch(tuple(told), position, max(head, position))

    def _ask(self, asked: Sequence[tuple[str, Any]], accept: str) -> HTTPResponse:
        seconds = max(self._silence_seconds, self._wait_seconds + 10)
        if self._connection is None:
            connect = HTTPSConnection if self._secure else HTTPConnection
            self._connection = connect(self._host, timeout=seconds)
        headers = {"Accept": accept}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        self._connection.request("GET", f"{self._path}?{urlencode(asked)}", headers=headers)
        response = self._connection.getresponse()
        if response.status == 200:
            return response
        body = response.read()
        if response.status in _TRY_AGAIN:
            raise HTTPException(f"the server answered {response.status}")
        self.close()
        raise _refused(response.status, body)

    def _pause(self, error: Exception) -> None:
        """Wait before the next attempt, longer each time, up to ten seconds."""
        self.close()
        now = time.monotonic()
        self._lost_at = self._lost_at if self._failures else now
        self._failures += 1
        if self._patience_seconds is not None and now - self._lost_at > self._patience_seconds:
            raise SubscriptionLost(
                f"{self._host} has not answered for {self._patience_seconds:g} seconds ({error}). "
                f"Everything up to position {self.position} was received; start again from there."
            ) from error
        time.sleep(min(10.0, 0.05 * 2.0 ** min(self._failures, 10)) * random.uniform(0.5, 1.0))


def _refused(status: int, body: bytes) -> SubscriptionRefused:
    try:
        problem = json.loads(body)
        return SubscriptionRefused(status, problem["code"], problem["detail"])
    except (ValueError, KeyError, TypeError):
        sentence = f"The server answered {status}: {body[:200].decode(errors='replace')}"
        return SubscriptionRefused(status, "refused", sentence)
