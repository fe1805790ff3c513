"""Answers: reports as JSON, with the position of the log that they hold for, and an entity tag."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response


def as_json(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response with a JSON value."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def answered(request: Request, report: Mapping[str, Any]) -> Response:
    """Return a response with a report; 304 when the client has it already.

    A report with a version has an entity tag. The tag is weak, because the position of the report
    grows while its content stays the same.
    """
    headers = {"Position": str(report["as_of"])}
    if "version" not in report:
        return as_json(report, headers=headers)
    tag = tag_of(report)
    headers |= {"ETag": tag, "Cache-Control": "no-cache"}
    if _is_known(request.headers.get("if-none-match", ""), tag):
        return Response(None, 304, headers)
    return as_json(report, headers=headers)


def tag_of(report: Mapping[str, Any]) -> str:
    """Return the entity tag of a report: its version, and a digest of all but the position.

    The version alone is not enough: a number can change with a setting or with the day.

    >>> tag_of({"version": 3, "as_of": 9}) == tag_of({"version": 3, "as_of": 10})
    True
    """
    content = {name: value for name, value in report.items() if name != "as_of"}
    return f'W/"{report["version"]}-{blake2b(orjson.dumps(content), digest_size=8).hexdigest()}"'


def _is_known(known: str, tag: str) -> bool:
    given = [each.strip().removeprefix("W/") for each in known.split(",")]
    return "*" in given or tag.removeprefix("W/") in given
