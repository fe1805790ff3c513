"""``stocktrail serve`` with a route that does nothing: what a request costs before ours begins.

Run with ``python -m benchmarks.empty_route FLAG...``; the flags are those of ``stocktrail serve``.
The route is the first of all, needs the scope of commands, reads its body and answers 201.
"""

import sys

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from stocktrail.interfaces.api import commands
from stocktrail.interfaces.cli import main

PATH = "/empty"


async def empty(request: Request) -> Response:
    """Read the body, and answer."""
    await request.body()
    return Response(b"{}", 201, media_type="application/json")


if __name__ == "__main__":
    commands.router.routes.insert(0, APIRoute(PATH, empty, methods=["POST"]))
    sys.exit(main(["serve", *sys.argv[1:]]))
