"""Validation errors: what is wrong with a command, as JSON pointers with codes and sentences."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from stocktrail.commands.fields import NO_CONTROL_CHARACTER
from stocktrail.commands.scripts.named_errors import NamedErrors, looked_at_again
from stocktrail.commands.scripts.strict_json import DuplicateKey
from stocktrail.ledger.quantity import shortened
from stocktrail.ledger.refusal import MOST_NAMED
from stocktrail.ledger.spelling import ID_PATTERN, VENDOR_PATTERN

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def errors_of(
    error: ValidationError, model: type[BaseModel] | None = None, given: Any = None
) -> NamedErrors:
    """Turn a validation error into JSON pointers with sentences; of very many into the first.

    With the ``model`` and what was ``given`` to it that is quick, however many there are.
    """
    fewer = error if model is None else looked_at_again(error, model, given)
    found = fewer.errors(include_url=False)[:MOST_NAMED]
    return NamedErrors.of(
        (
            {
                "pointer": pointer(each["loc"]),
                "code": code_of(each),
                "message": _sentence(code_of(each), each["loc"], each["msg"]),
            }
            for each in found
        ),
        error.error_count(),
    )


def errors_of_keys(error: DuplicateKey) -> NamedErrors:
    """Return the keys that stand twice, like :func:`errors_of`; of very many the first.

    >>> from stocktrail.commands.scripts.strict_json import parse_json
    >>> try:
    ...     parse_json('{"lines": [{"sku": "A", "sku": "B"}]}')
    ... except DuplicateKey as error:
    ...     [each["pointer"] for each in errors_of_keys(error)]
    ['/lines/0/sku']
    """
    places = error.places()
    found = [
        {
            "pointer": pointer(path), "code": "duplicate_key",
            "message": f"The key {str(path[-1])[:60]!r} stands twice in one object.",
        }
        for path in islice(places, MOST_NAMED)
    ]
    return NamedErrors.of(found, len(found) + sum(1 for _ in places))


def code_of(error: Mapping[str, Any]) -> str:
    """Return the code of an error; what pydantic checks by a pattern has a name of its own."""
    pattern = error.get("ctx", {}).get("pattern")
    if pattern in (ID_PATTERN, VENDOR_PATTERN):
        return _code_of_id(error.get("input"))
    unclean = pattern == NO_CONTROL_CHARACTER or error["type"] == "string_unicode"
    return "control_character" if unclean else str(error["type"])


def _code_of_id(written: object) -> str:
    """Return what is wrong with an id that does not look like one."""
    text = str(written)
    if _CONTROL.search(text):
        return "control_character"
    return "white_space_at_end" if text != text.strip() else "invisible_character"


_UNLIKE_AN_ID = {
    "control_character": "must not contain control characters",
    "white_space_at_end": "must not begin or end with white space",
    "invisible_character": "must not contain invisible characters, such as a zero-width space",
}


def unlike_an_id(code: str) -> str | None:
    """Return what is said of an id with such a code, ``None`` of any other code."""
    return _UNLIKE_AN_ID.get(code)


def pointer(path: tuple[int | str, ...]) -> str:
    """Write a path into a JSON value as a JSON pointer (RFC 6901).

    >>> pointer(("lines", 0, "a/b"))
    '/lines/0/a~1b'
    """
    parts = (escape_surrogates(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)


def escape_surrogates(written: object, most: int = 128) -> str:
    r"""Cut a text to a length, and escape halves of surrogate pairs, which UTF-8 cannot hold.

    >>> escape_surrogates("half a \ud83d pair")
    'half a \\ud83d pair'
    """
    return shortened(written, most).encode("utf-8", "backslashreplace").decode()


def _sentence(code: str, path: tuple[int | str, ...], message: str) -> str:
    field = ".".join(map(escape_surrogates, path)) or "the command"
    if code == "extra_forbidden":
        return f"{field} is not a field of this command."
    if code == "missing":
        return f"{field} is missing."
    message = unlike_an_id(code) or message
    return f"{field}: {message[:1].lower()}{message[1:]}.".replace("..", ".")
