"""Answers: reports as JSON, with the position they were computed at, and a tag of their content."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response


def as_json(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a JSON value."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def answered(request: Request, report: Mapping[str, Any]) -> Response:
    """Answer with a report; where it has a version it gets a tag, and 304 when it is known.

    The tag is weak: it says nothing of the position, which moves on while the content stays.
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
    """Return the tag of a report: its version, and a digest of all but the position.

    The digest has to be there, because a number can change with a setting or with the day, which
    are no new version.

    >>> tag_of({"version": 3, "as_of": 9}) == tag_of({"version": 3, "as_of": 10})
    True
    """
    content = {name: value for name, value in report.items() if name != "as_of"}
    return f'W/"{report["version"]}-{blake2b(orjson.dumps(content), digest_size=8).hexdigest()}"'


def _is_known(known: str, tag: str) -> bool:
    given = [each.strip().removeprefix("W/") for each in known.split(",")]
    return "*" in given or tag.removeprefix("W/") in given
