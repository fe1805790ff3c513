"""Concurrency limits: how many of something may be open at once, in all and for one client."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import HTTPConnection

from stocktrail.interfaces.service.problems import Problem

_TOO_MANY = {"uploads": "too_many_uploads", "streams": "too_many_streams"}
"""The code of the problem, by what is counted."""


class ConcurrencyLimit:
    """Counts what each client has open; to be used in one event loop.

    ``name`` says what is counted: ``uploads`` or ``streams``.
    """

    def __init__(self, name: str, most: int, most_of_one: int) -> None:
        self._name = name
        self._most = most
        self._most_of_one = most_of_one
        self._open: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many are open, of all clients together."""
        return self._open.total()

    @contextmanager
    def slot(self, client: str) -> Iterator[None]:
        """Hold a slot for a client.

        Raises a problem (``too_many_uploads``, ``too_many_streams``): 429 when the client has as
        many open as it may, 503 when all clients together have.
        """
        code, words = _TOO_MANY[self._name], self._name
        if self._open[client] >= self._most_of_one:
            raise Problem(
                429, code, f"You have {self._most_of_one} {words} open already; one client has no "
                "more at a time.", headers={"Retry-After": "5"},
            )
        if self.open >= self._most:
            raise Problem(
                503, code, f"There are {self._most} {words} open already; try again later.",
                headers={"Retry-After": "5"},
            )
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]


def client_of(connection: HTTPConnection) -> str:
    """Return what identifies a client: the id of its token, or else its address."""
    token = getattr(connection.state, "token", None)
    host = "" if connection.client is None else connection.client.host
    return host if token is None else f"token {token}"
