"""Requests to services that speak JSON, and the exception that says to ask again later."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 20
SHORTEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 300.0
_TRY_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))


class TryLater(Exception):
    """The other side is busy or away: the same request may succeed after ``seconds``."""

    def __init__(self, why: str, seconds: float = 5.0) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = min(max(seconds, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)


class JsonAnswer(NamedTuple):
    """The status of an answer, and its JSON; numbers with a point are decimals."""

    status: int
    body: Any


def ask(method: str, url: str, headers: dict[str, str], body: object = None) -> JsonAnswer:
    """Send a request and return the answer, whatever its status. Raises :class:`TryLater`.

    How long to wait is what ``Retry-After`` says, in seconds or as a date, five minutes at most.
    """
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    request = Request(url, data=data, headers=sent, method=method)
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            return JsonAnswer(response.status, read_json(response.read()))
    except HTTPError as error:
        with error:
            if error.code in _TRY_AGAIN:
                why = f"{request.host} answered {error.code}"
                raise TryLater(why, wait_of(error.headers.get("Retry-After"))) from error
            return JsonAnswer(error.code, read_json(error.read()))
    except (URLError, HTTPException, OSError) as error:
        raise TryLater(f"{request.host} cannot be reached: {error}") from error


def read_json(text: bytes) -> Any:
    """Return what JSON says, with exact numbers; ``None`` for what is no JSON.

    >>> read_json(b'{"quantity": 1.10}'), read_json(b"<html>")
    ({'quantity': Decimal('1.10')}, None)
    """
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def wait_of(retry_after: str | None) -> float:
    """Return the seconds that a ``Retry-After`` asks for; 5 when it says nothing usable.

    >>> wait_of("2"), wait_of("soon"), wait_of("Mon, 01 Jan 2024 00:00:00 GMT")
    (2.0, 5.0, 0.0)
    """
    try:
        return float(retry_after or "")
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(retry_after or "")
    except ValueError:
        return 5.0
    now = datetime.now(tz=UTC if until.tzinfo else None)
    return max((until - now).total_seconds(), 0.0)
