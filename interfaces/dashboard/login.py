"""The entrance: logging in with a token of the service, and out again."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from stocktrail.interfaces.dashboard.assets import vendored
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.service import service_of
from stocktrail.interfaces.service.sessions import COOKIE, sessions_of

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)


def safe_return(address: str) -> str:
    r"""Return where to go after logging in: an address of ours, or the first page.

    >>> safe_return("/view/items?q=a"), safe_return("//evil.example"), safe_return("/\\evil")
    ('/view/items?q=a', '/', '/')
    """
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if ours and address.isprintable() else "/"


@router.get("/view/login")
async def login_form(
    request: Request, back: Annotated[str, Query(alias="next", max_length=8000)] = "/"
) -> Response:
    """Ask for a token."""
    visit = PageRequest(request, service_of(request), None)
    return visit.page("login.html", title="Log in", back=safe_return(back), wrong=False)


@router.post("/view/login")
async def login(request: Request) -> Response:
    """Begin a session."""
    service = service_of(request)
    visit = PageRequest(request, service, None)
    form = await visit.form()
    back = safe_return(str(form.get("next", "/")))
    found = await service.in_thread(
        lambda: sessions_of(service.ledger).begin(str(form.get("token", "")).strip())
    )
    if found is None:
        return visit.page("login.html", title="Log in", status=401, back=back, wrong=True)
    response = RedirectResponse(back, 303)
    visit.remember(response, found[0])
    return response


@router.post("/view/logout")
async def logout(request: Request) -> Response:
    """End the session."""
    service = service_of(request)
    visit = PageRequest(request, service, None)
    await visit.form()
    await service.in_thread(lambda: sessions_of(service.ledger).end(visit.secret))
    response = RedirectResponse("/view/login", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/view/about")
async def about(request: Request) -> Response:
    """Return what the dashboard is made of."""
    visit = PageRequest(request, service_of(request), None)
    return visit.page("about.html", title="About", report=vendored())
