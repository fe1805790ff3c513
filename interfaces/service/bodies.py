"""Bodies of requests: read with a limit, and parsed by the rules of scripts.

Duplicate keys, NaN and numbers that other readers would round are refused, as in a script.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.named_errors import FieldError, named
from stocktrail.commands.scripts.plain_lines import read_plain
from stocktrail.commands.scripts.reading import usable_id
from stocktrail.commands.scripts.strict_json import BadJson, DuplicateKey, parse_json
from stocktrail.commands.scripts.validation_errors import errors_of, errors_of_keys
from stocktrail.interfaces.service.connection import LINGER_SECONDS
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.quantity import shortened
from stocktrail.ledger.spelling import composed

JSON = "application/json"
JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/ndjson")


def media_type_of(request: Request) -> str:
    """Return the media type of a body without its parameters; raises 415 for another charset."""
    written = request.headers.get("content-type", "")
    kind, *parameters = (part.strip().lower() for part in written.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            raise Problem(415, "unsupported_media_type", "Send the body in UTF-8.")
    return kind


def unsupported(written: str, known: tuple[str, ...]) -> Problem:
    """Return the problem of a media type that is not accepted (415), with those that are."""
    what = shortened(written) or "a body without Content-Type"
    return Problem(
        415, "unsupported_media_type", f"{what} is not taken here; send {' or '.join(known)}.",
        headers={"Accept-Post": ", ".join(known)},
    )


MOST_FORM_FIELDS = 20_000

LARGE_BYTES = 1 << 14
"""From this size on a body is parsed in a thread, so that the event loop is not blocked."""


async def read_body(request: Request, most: int) -> bytes:
    """Return a whole body; raises 413 for one that is too large."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        if request.headers.get("expect", "").lower() != "100-continue":
            await _read_on(request)
        raise _too_large(most)
    parts: list[bytes] = []
    size, has_more = 0, True
    while has_more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part, has_more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size > most:
            if has_more:
                await _read_on(request)
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


async def read_form(request: Request, most: int, files: int = 0) -> FormData:
    """Return a whole form with at most so many files; raises 413 like :func:`read_body`."""
    body = await read_body(request, most)

    async def whole() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    again = Request(request.scope, whole)
    return await again.form(max_fields=MOST_FORM_FIELDS, max_files=files, max_part_size=most)


async def _read_on(request: Request) -> None:
    """Drop what still comes of a body, for a short while.

    Closing a connection with bytes that nobody has read resets it, and then a client that sends
    first and reads afterwards, or a proxy, may never see the answer.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (await request.receive()).get("more_body"):
                pass


def _too_large(most: int) -> Problem:
    return Problem(
        413, "body_too_large", f"The body is larger than {most:,} bytes.",
        headers={"Connection": "close"}, details={"max_bytes": most},
    )


def command_of(body: bytes, name: str | None, key: str | None) -> Command:
    """Return the command of a body; see :func:`read_object` and :func:`read_command`."""
    command = read_plain(body, name, key)
    if command is not None and command.group is None:
        return command
    return read_command(read_object(body, name), name, key)


def read_object(body: bytes, name: str | None = None) -> dict[str, Any]:
    """Return the JSON object of a body; ``name`` is the command of the address, if it has one.

    Raises a problem: 400 when it is not JSON, 422 for another JSON value and for duplicate keys.
    """
    try:
        data = parse_json(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        detail = f"The body is not UTF-8 at byte {error.start + 1}."
        raise Problem(400, "not_utf8", detail) from None
    except DuplicateKey as error:
        data = _object(error.value)
        named = name or data.get("command")
        known = named if isinstance(named, str) and named in COMMANDS else None
        raise invalid(known, errors_of_keys(error), data) from None
    except BadJson as error:
        raise Problem(400, "not_json", f"The body is {error}.") from None
    return _object(data)


def _object(data: Any) -> dict[str, Any]:
    if isinstance(data, dict):
        return data
    message = "The body does not hold a JSON object."
    raise Problem(422, "not_an_object", message, errors=[_error("", "not_an_object", message)])


def read_command(data: Mapping[str, Any], name: str | None, key: str | None) -> Command:
    """Return the command of a JSON object.

    ``name`` is the command of the address, ``key`` the Idempotency-Key. Raises a problem (422) with
    an error for every invalid field, for a command that differs from the address, and for an id
    that differs from the header.
    """
    fields = dict(data)
    named = fields.pop("command", name)
    if name is not None and named != name:
        raise invalid(name, [_error("/command", "unknown_command",
                                    f"This address takes {name} commands.")], fields)
    model = COMMANDS.get(named) if isinstance(named, str) else None
    if model is None:
        what = "command is missing" if named is None else f"{shortened(named)!r} is not a command"
        message = f"{what[:1].upper()}{what[1:]}; the commands are {', '.join(COMMANDS)}."
        raise invalid(None, [_error("/command", "unknown_command", message)], fields)
    if key is not None:
        key = _as_utf8(key)
        given = fields.get("id")
        if given is not None and usable_id(given) != composed(key):
            message = "The id in the body is another than Idempotency-Key says."
            raise invalid(model.command, [_error("/id", "conflicting_id", message)], fields)
        fields["id"] = key
    if fields.get("group") is not None:
        message = "A group is several rows that are sent together as application/jsonl."
        raise invalid(model.command, [_error("/group", "group_of_one", message)], fields)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise invalid(model.command, errors_of(error, model, fields), fields) from None


def _as_utf8(header: str) -> str:
    """Return a header as UTF-8 if it is, because servers decode headers as Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _error(where: str, code: str, message: str) -> dict[str, str]:
    return {"pointer": where, "code": code, "message": message}


def invalid(
    command: str | None, errors: Sequence[FieldError], fields: Mapping[str, Any]
) -> Problem:
    """Return the problem of an invalid command (422), with an error for each wrong field.

    ``fields`` are those that could be read; their ``id`` is added if it is valid.
    """
    every = named(errors)
    command_id = usable_id(fields.get("id"))
    more: dict[str, Any] = {"errors": list(every), "command": command}
    if every.total > len(every):
        more["error_count"] = every.total
    if command_id is not None:
        more["id"] = command_id
    return Problem(422, "invalid", every.sentence(), **more)
