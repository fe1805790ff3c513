"""Assets: the stylesheet, our scripts, and the libraries that are vendored with their licences.

``vendored.json`` records where each library came from and the SHA-256 of its files; a test
compares. Addresses carry a fingerprint of the content, so browsers may cache them for ever.
"""

import json
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.rendering import HEADERS
from stocktrail.interfaces.service.problems import Problem

PATH = "/view/assets"
KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
         "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8"}

router: APIRouter = APIRouter(include_in_schema=False)
_FOLDER = files("stocktrail.interfaces.dashboard").joinpath("assets")


def vendored() -> dict[str, Any]:
    """Return the version, origin, licence and file digests of every vendored library."""
    found: dict[str, Any] = json.loads(_FOLDER.joinpath("vendored.json").read_text("utf-8"))
    return found


@cache
def content_of(name: str) -> bytes | None:
    """Return the content of an asset, ``None`` when there is no such file."""
    found = {each.name: each for each in _FOLDER.iterdir() if each.is_file()}
    return found[name].read_bytes() if name in found else None


@cache
def fingerprinted(name: str) -> str:
    """Return the address of an asset, which changes with its content."""
    return f"{PATH}/{name}?v={sha256(content_of(name) or b'').hexdigest()[:12]}"


@router.get(PATH + "/{name}")
async def asset(name: str) -> Response:
    """Return an asset; 404 for another name."""
    kind = KINDS.get(name.rpartition(".")[2])
    content = content_of(name) if kind else None
    if content is None:
        raise Problem(404, "unknown_route", "There is no such file.")
    keep = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, headers=HEADERS | keep, media_type=kind)
