"""A visit: one request of a person, with what they may do and the moment they look at.

Where the service asks for tokens a page is shown to whoever logged in with one (or shows one in
``Authorization``), as far as its scope goes; else everybody on this machine may do everything.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import date
from functools import cached_property, partial
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.responses import Response, StreamingResponse

from interfaces.api.answers import as_json
from interfaces.api.bodies import read_form
from interfaces.api.problems import Problem
from interfaces.api.service import Service, service_of
from interfaces.dashboard.assets import fingerprinted
from interfaces.dashboard.csv_headers import Header
from interfaces.dashboard.csv_table import CsvTable
from interfaces.dashboard.rendered import RenderedResponse
from interfaces.dashboard.rendering import HEADERS, address, render, with_query
from interfaces.dashboard.sessions import (
    COOKIE,
    SECONDS,
    form_proof,
    new_secret,
    proves,
    sessions_of,
)
from ledger.instant import to_iso
from ledger.store.access import Scope, Token
from ledger.store.time_limit import OutOfTime
from projections import ReadModels
from projections.moment import resolve_as_of, resolve_today

T = TypeVar("T")
Report = Mapping[str, Any]
Listing = Callable[[int, Any], Awaitable[Report]]
"""Asks for a page of a list: at most so many rows, after what the page before gave as ``next``."""

CSV_ROWS = 2000
"""How many rows of a table in CSV are asked for, and held, at a time."""

_KEPT = ("as_of", "today")
_ONCE = ("recorded", "format")
_SAFE = frozenset(("GET", "HEAD"))


class Visit:
    """One request of a person, and how it is answered."""

    def __init__(self, request: Request, service: Service, token: Token | None) -> None:
        self.request = request
        self.service = service
        self.token = token
        self.secret = request.cookies.get(COOKIE) or new_secret()
        self.asked = request.query_params
        self.as_of: int | None = None
        self.as_of_moment = ""
        self.head: int | None = None
        self._goes_on: Listing | None = None

    # -------------------------------------------------------------- who

    def may(self, scope: Scope) -> bool:
        """Say whether the visitor may do what a scope covers."""
        if not self.service.settings.require_token:
            return True
        return self.token is not None and self.token.allows(scope)

    @property
    def may_act(self) -> bool:
        """Whether forms are shown: to who may command, and not in the past."""
        return self.may("command") and self.as_of is None

    @property
    def proof(self) -> str:
        """What a form carries to prove that it is ours."""
        return form_proof(self.secret)

    async def form(self) -> FormData:
        """Read a form that was sent.

        Raises a problem ``forged_form`` when it is not ours, and 413 when it is too large.
        """
        sent = await read_form(self.request, self.service.settings.most_body_bytes)
        by_header = "authorization" in self.request.headers
        if "as_of" in sent:
            raise in_the_past()
        if not by_header and not proves(self.secret, str(sent.get("proof", ""))):
            raise Problem(
                403, "forged_form", "This form was not sent from a page of this dashboard, or its "
                "session has ended. Go back, load the page again, and send it once more.",
            )
        return sent

    # -------------------------------------------------------------- when

    async def look_at_the_time(self) -> None:
        """Find out which position is looked at, and wait for what was just recorded."""
        recorded = self.asked.get("recorded", "")
        if recorded.isascii() and recorded.isdigit() and len(recorded) < 16:
            await self.service.require_read_models(int(recorded))
        self.as_of, self.as_of_moment, self.head = await self.service.in_thread(self._moment)

    def _moment(self) -> tuple[int | None, str, int]:
        ledger, written = self.service.ledger, self.asked.get("as_of", "").strip()
        head = ledger.head().position
        if not written:
            return None, "", head
        position = resolve_as_of(ledger, written)
        rows = ledger.read(position - 1, 1) if position else []
        return position, to_iso(rows[0].recorded_at) if rows else "", head

    @cached_property
    def today(self) -> date | None:
        """The day that is today for promises, ``None`` to leave it to the position or the clock."""
        written = self.asked.get("today", "").strip() or None
        as_of = self.asked.get("as_of", "").strip() or None
        return resolve_today(self.service.ledger, written, as_of)

    async def ask(self, question: Callable[[ReadModels], T]) -> T:
        """Have a question answered by the read models, as of the moment that is looked at.

        Raises a problem (503) ``busy`` when its turn does not come, ``question_too_long`` when it
        takes too long itself: what was read of the log for an earlier moment is kept for the next.
        """
        try:
            return await self.service.ask(question, past=self.as_of is not None)
        except OutOfTime:
            if self.as_of is None:
                raise
            raise Problem(
                503, OutOfTime.code, f"The log is being read up to position {self.as_of}. That "
                "takes a while the first time. Load the page again: it goes on from there.",
                headers={"Retry-After": "1"},
            ) from None

    async def listed(self, page: Listing, limit: int, after: Any) -> Report:
        """Ask for a page of a list; of a table in CSV without a ``limit``, for the first of all."""
        if self.format != "csv" or "limit" in self.asked:
            return await page(limit, after)
        self._goes_on = page
        return await page(CSV_ROWS, after)

    # -------------------------------------------------------------- where

    def link(self, path: str, *parts: str, **asked: object) -> str:
        """Write an address of a page, at the moment that is looked at."""
        kept = [(name, self.asked.get(name, "")) for name in _KEPT]
        return with_query(address(path, *parts), [*kept, *_written(asked.items())])

    def here(self, **changes: object) -> str:
        """Write the address of this page with some parameters changed; it begins on page one."""
        gone = {*changes, *_ONCE, "after", "before"}
        kept = [(name, value) for name, value in self.asked.multi_items() if name not in gone]
        return with_query(path_of(self.request), [*kept, *_written(changes.items())])

    # -------------------------------------------------------------- answers

    @property
    def format(self) -> str:
        """How the answer is wanted: ``html``, ``json`` or ``csv``."""
        return wanted_format(self.request)

    def answer(
        self, template: str, report: Mapping[str, Any], *, title: str, header: Header,
        status: int = 200, rows: str = "rows", **context: Any,
    ) -> Response:
        """Answer with a report: as the page that a template makes of it, as JSON, or as CSV.

        The CSV holds the report's ``rows``, under a ``header`` that stands there without any too;
        of a report that was :meth:`listed` all rows, unless a ``limit`` is asked for.
        """
        headers = {"Position": str(report.get("as_of", self.head))}
        if self.format == "json":
            return as_json(report, headers=headers)
        if self.format == "csv":
            headers["Content-Disposition"] = 'inline; filename="stocktrail.csv"'
            table = self._table(report, rows, CsvTable(header, report[rows]))
            return StreamingResponse(table, 200, headers, "text/csv; charset=utf-8")
        return self.page(template, title=title, status=status, report=report, **context)

    async def _table(self, report: Report, rows: str, table: CsvTable) -> AsyncIterator[bytes]:
        run = partial(self.service.run, self.service.pages, table.lines)
        yield table.header + await run(report[rows])
        while self._goes_on is not None and report["next"] is not None:
            report = await self._goes_on(CSV_ROWS, report["next"])
            yield await run(report[rows])

    def page(self, template: str, *, title: str, status: int = 200, **context: Any) -> Response:
        """Answer with a page."""
        response = RenderedResponse(
            self.service,
            partial(render, template, visit=self, title=title, asset=fingerprinted, **context),
            status, {"Cache-Control": "no-store"}, "text/html; charset=utf-8",
        )
        if COOKIE not in self.request.cookies and self.token is None:
            self.remember(response, self.secret)
        return response

    def remember(self, response: Response, secret: str) -> None:
        """Let the browser be known by a cookie that no script and no other site sees."""
        response.set_cookie(
            COOKIE, secret, max_age=SECONDS, httponly=True, samesite="strict", path="/",
            secure=self.request.scope["scheme"] == "https",
        )


def _written(asked: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    found = []
    for name, value in asked:
        for each in value if isinstance(value, (list, tuple)) else [value]:
            text = "1" if each is True else "" if each is None or each is False else str(each)
            found.append((name, text))
    return found


def path_of(request: Request) -> str:
    """Give the path of a request as an address of ours: encoded, and never of another host."""
    asked: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return "/" + quote(asked.partition(b"?")[0], safe="/%").lstrip("/")


def wanted_format(request: Request) -> str:
    """Say how an answer is wanted: by ``format``, else by Accept, else as a page."""
    asked = request.query_params.get("format", "")
    if asked in ("html", "json", "csv"):
        return asked
    accept = request.headers.get("accept", "")
    if "text/html" in accept:
        return "html"
    return "json" if "application/json" in accept else "csv" if "text/csv" in accept else "html"


def visiting(scope: Scope) -> Callable[[Request], Awaitable[Visit]]:
    """Give the dependency that lets only visitors pass whose token covers a scope."""

    async def visit(request: Request) -> Visit:
        service = service_of(request)
        token = await service.in_thread(_token_of, request, service)
        found = Visit(request, service, token)
        if token is None and service.settings.require_token:
            raise Problem(401, "login_needed", "Log in with a token to see this page.",
                          headers={"WWW-Authenticate": "Bearer"})
        if token is not None:
            request.state.token = token.token_id
        request.state.visit = found
        await found.look_at_the_time()
        if found.as_of is not None and request.method not in _SAFE:
            raise in_the_past()
        if not found.may(scope):
            raise Problem(403, "scope_missing", f"Your token may {token and token.scope}; this "
                          f"page takes one with the scope {scope}.")
        return found

    return visit


def in_the_past() -> Problem:
    """Refuse to do anything while an earlier moment is looked at."""
    return Problem(
        409, "in_the_past", "You look at an earlier moment of the ledger, where nothing can be "
        "done any more. Go back to now, and do it there.",
    )


def _token_of(request: Request, service: Service) -> Token | None:
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        token = service.gate.tokens.find(shown.strip())
        return None if token is None or token.revoked_at is not None else token
    if not service.settings.require_token or COOKIE not in request.cookies:
        return None
    return sessions_of(service.ledger).find(request.cookies[COOKIE])


class DashboardRoute(APIRoute):
    """A route whose answers let nothing foreign in; its errors are pages (see ``problem_page``)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the handler of the route, with what surrounds it."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            response: Response = await handle(request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer
