"""Problem pages: every error at an address of the dashboard is shown as a page.

That includes unknown addresses, wrong methods and unexpected exceptions. Requests for JSON or CSV
get the problem as JSON, as from the API.
"""

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from stocktrail.interfaces.dashboard.assets import PATH as ASSETS
from stocktrail.interfaces.dashboard.http_reference import PATH as HTTP_REFERENCE
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.rendering import HEADERS, with_query
from stocktrail.interfaces.dashboard.requested import path_of, wanted_format
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import service_of


def problem_page(http: Request, problem: Problem) -> Response | None:
    """Return the response to a failed request of the dashboard; ``None`` for other addresses."""
    path = path_of(http)
    is_of_dashboard = path in ("/", HTTP_REFERENCE) or f"{path}/".startswith("/view/")
    if not is_of_dashboard or path.startswith(f"{ASSETS}/"):
        return None
    response = _shown(http, problem, path)
    for name, value in {**problem.headers, **HEADERS}.items():
        response.headers[name] = value
    return response


def _shown(http: Request, problem: Problem, path: str) -> Response:
    if wanted_format(http) != "html":
        return problem.response()
    if problem.code == "login_needed":
        query = http.scope["query_string"].decode("latin-1")
        back = path + (f"?{query}" if query else "") if http.method == "GET" else "/"
        return RedirectResponse(with_query("/view/login", [("next", back)]), 303)
    known: PageRequest | None = getattr(http.state, "page_request", None)
    request = known or PageRequest(http, service_of(http), None)
    return request.render(
        "problem.html", title=problem.as_json()["title"], status=problem.status, problem=problem
    )
