"""Login with a token of the service, and logout."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from stocktrail.interfaces.dashboard.assets import vendored
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.service import service_of
from stocktrail.interfaces.service.sessions import COOKIE

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)


def safe_return(address: str) -> str:
    r"""Return the address to go to after login: one of this site, or the first page.

    >>> safe_return("/view/items?q=a"), safe_return("//evil.example"), safe_return("/\\evil")
    ('/view/items?q=a', '/', '/')
    """
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if ours and address.isprintable() else "/"


@router.get("/view/login")
async def login_form(
    http: Request, back: Annotated[str, Query(alias="next", max_length=8000)] = "/"
) -> Response:
    """Ask for a token."""
    request = PageRequest(http, service_of(http), None)
    return request.render("login.html", title="Log in", back=safe_return(back), wrong=False)


@router.post("/view/login")
async def login(http: Request) -> Response:
    """Begin a session."""
    service = service_of(http)
    request = PageRequest(http, service, None)
    form = await request.form()
    back = safe_return(str(form.get("next", "/")))
    found = await service.in_thread(
        lambda: service.sessions.begin(str(form.get("token", "")).strip())
    )
    if found is None:
        return request.render("login.html", title="Log in", status=401, back=back, wrong=True)
    response = RedirectResponse(back, 303)
    request.set_session_cookie(response, found[0])
    return response


@router.post("/view/logout")
async def logout(http: Request) -> Response:
    """End the session."""
    service = service_of(http)
    request = PageRequest(http, service, None)
    await request.form()
    await service.in_thread(lambda: service.sessions.end(request.secret))
    response = RedirectResponse("/view/login", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/view/about")
async def about(http: Request) -> Response:
    """Show the vendored libraries and their licences."""
    request = PageRequest(http, service_of(http), None)
    return request.render("about.html", title="About", report=vendored())
