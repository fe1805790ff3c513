"""The documents as a site, shown in the browser until interrupted."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

import stocktrail
from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure
from stocktrail.interfaces.cli.listening import listen_at, url_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "127.0.0.1"

HEADERS = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
}
"""The headers of every page: nothing comes from another host. The theme has scripts of its own
inline; nobody's input is on any of these pages, and no ledger is behind them."""


def docs(
    *,
    port: Annotated[int, Parameter(help="The port; 0 takes a free one.")] = 0,
    no_browser: Annotated[
        bool,
        Parameter(help="Only say where they are.", negative=(), show_default=False),
    ] = False,
    where: Annotated[
        bool,
        Parameter(
            help="Name the folder that holds them, for a server of your own, and end.",
            negative=(), show_default=False,
        ),
    ] = False,
) -> int:
    """Show the documents in the browser: how-to pages, reference and search, until interrupted.

    They belong to this version, and nothing is fetched from anywhere.
    """
    folder = site_folder()
    if where:
        print(folder)
        return 0
    import uvicorn

    with listen_at(HOST, port) as listening:
        url = f"{url_of(HOST, listening)}/docs/index.html"
        print(f"The documents are at {url} until you press Ctrl-C.", flush=True)
        if not no_browser and _has_a_screen():
            import webbrowser

            webbrowser.open(url)
        server = uvicorn.Server(uvicorn.Config(pages(folder), log_config=None, lifespan="off"))
        server.run(sockets=[listening])
    return 0


def pages(folder: Path) -> "ASGIApp":
    """Return the application that shows a site, with headers that keep other hosts out."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    async def with_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    return Starlette(
        routes=[Mount("/", StaticFiles(directory=folder, html=True))],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=with_headers)],
    )


def site_folder() -> Path:
    """Return the folder of the site: in the installed package, or where a checkout builds it.

    Raises a failure with the code ``docs_not_built``.
    """
    package = Path(stocktrail.__file__).parent
    in_package, checkout = package / "documents", package.parent
    if (in_package / "index.html").is_file():
        return in_package
    if not (checkout / "hatch_build.py").is_file():
        raise Failure(
            WENT_WRONG, "docs_not_built",
            "This installation was built without its documents; a wheel of a release has them.",
        )
    built = checkout / "build" / "site"
    if not (built / "index.html").is_file():
        raise Failure(
            WENT_WRONG, "docs_not_built",
            "The documents of this checkout are not built yet: run make docs-site.",
        )
    return built


def _has_a_screen() -> bool:
    """Return whether a browser with windows can be opened; one in a terminal would take it over."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or any(os.environ.get(each) for each in screens)
