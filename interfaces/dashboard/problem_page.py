"""The page of a problem: whatever goes wrong at an address of the dashboard is told on a page.

That holds for addresses that there are not, methods that they do not take, and mistakes of ours
too. Programs that ask for JSON get the problem as the API gives it.
"""

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from stocktrail.interfaces.dashboard.assets import PATH as ASSETS
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.rendering import HEADERS, with_query
from stocktrail.interfaces.dashboard.requested import path_of, wanted_format
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import service_of


def problem_page(request: Request, problem: Problem) -> Response | None:
    """Return the answer to a request of the dashboard that failed; ``None`` for any other."""
    path = path_of(request)
    is_of_dashboard = path == "/" or f"{path}/".startswith("/view/")
    if not is_of_dashboard or path.startswith(f"{ASSETS}/"):
        return None
    response = _shown(request, problem, path)
    for name, value in {**problem.headers, **HEADERS}.items():
        response.headers[name] = value
    return response


def _shown(request: Request, problem: Problem, path: str) -> Response:
    if wanted_format(request) != "html":
        return problem.response()
    if problem.code == "login_needed":
        query = request.scope["query_string"].decode("latin-1")
        back = path + (f"?{query}" if query else "") if request.method == "GET" else "/"
        return RedirectResponse(with_query("/view/login", [("next", back)]), 303)
    visited: PageRequest | None = getattr(request.state, "visit", None)
    visit = visited or PageRequest(request, service_of(request), None)
    return visit.page(
        "problem.html", title=problem.as_json()["title"], status=problem.status, problem=problem
    )
