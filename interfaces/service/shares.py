"""Shares: of what there is only so much of, one client gets no more than its part."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import HTTPConnection

from stocktrail.interfaces.service.problems import Problem


class Shares:
    """Counts who holds how many of something; used in one event loop.

    ``name`` says what they are, such as ``uploads``: the codes of refusals end in it.
    """

    def __init__(self, name: str, most: int, most_of_one: int) -> None:
        self._name = name
        self._most = most
        self._most_of_one = most_of_one
        self._held: Counter[str] = Counter()

    @property
    def held(self) -> int:
        """How many are held by all together."""
        return self._held.total()

    @contextmanager
    def one_of(self, client: str) -> Iterator[None]:
        """Hold one for a client.

        Raises a problem ``too_many_...``: 429 when the client holds its share already, 503 when
        all together hold what there is.
        """
        code, words = f"too_many_{self._name}", self._name.replace("_", " ")
        if self._held[client] >= self._most_of_one:
            raise Problem(
                429, code, f"You have {self._most_of_one} {words} open already; one client has no "
                "more at a time.", headers={"Retry-After": "5"},
            )
        if self.held >= self._most:
            raise Problem(
                503, code, f"There are {self._most} {words} open already; try again later.",
                headers={"Retry-After": "5"},
            )
        self._held[client] += 1
        try:
            yield
        finally:
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]


def client_of(connection: HTTPConnection) -> str:
    """Return who a client is: by the id of its token, or else by where it is."""
    token = getattr(connection.state, "token", None)
    where = "" if connection.client is None else connection.client.host
    return where if token is None else f"token {token}"
