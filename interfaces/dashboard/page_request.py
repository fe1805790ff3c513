"""A request for a page: what its sender may do, as of which moment it asks, and how it is answered.

Where the service requires tokens, a page is shown to whoever is logged in with one or sends one in
``Authorization``, within its scope; otherwise everybody on this machine may do everything.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import FormData, QueryParams
from starlette.responses import RedirectResponse, Response, StreamingResponse

from stocktrail.interfaces.dashboard.assets import fingerprinted
from stocktrail.interfaces.dashboard.navigation import navigation, served_by
from stocktrail.interfaces.dashboard.page_query import Q, question_from
from stocktrail.interfaces.dashboard.rendered import RenderedResponse
from stocktrail.interfaces.dashboard.rendering import address, render, with_query
from stocktrail.interfaces.dashboard.requested import path_of, wanted_format, written
from stocktrail.interfaces.service.answers import as_json
from stocktrail.interfaces.service.bodies import read_form
from stocktrail.interfaces.service.csv_table import BYTE_ORDER_MARK, CsvTable, Header
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.sessions import (
    COOKIE,
    SECONDS,
    csrf_token,
    is_csrf_token,
    new_secret,
)
from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.side_tables.access import Scope, Token
from stocktrail.ledger.store.time_limit import OutOfTime
from stocktrail.ledger.time_zone import DEFAULT_ZONE, day_in
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_as_of, resolve_occurred, time_zone_at
from stocktrail.projections.questions.question import Question

T = TypeVar("T")

FEW = 100
"""In a ledger of at most so many events the first steps are still shown."""
Report = Mapping[str, Any]

CSV_ROWS = 2000
"""How many rows of a table in CSV are read and held in memory at a time."""

_CARRIED = ("as_of", "occurred_as_of", "today")
"""The parameters that links carry from page to page."""

_BY_OCCURRED_TIME = (
    "/view/backorders/{by}", "/view/items/{sku:id}", "/view/items/{sku:id}/movements",
)
"""The pages that can be asked for what had occurred by a moment, whenever it was recorded."""

_NOT_REPEATED = ("recorded", "format")
"""The parameters that a link to the same page leaves out."""


class PageRequest:
    """One request for a page, with the moment that it asks about, and the ways to answer it."""

    def __init__(self, http: Request, service: Service, token: Token | None) -> None:
        self.http = http
        self.service = service
        self.token = token
        self.secret: str = http.cookies.get(COOKIE) or new_secret()
        self.query: QueryParams = http.query_params
        self.as_of: int | None = None
        self.as_of_moment: str = ""
        self.occurred_until: int | None = None
        self.begins_at: str = ""
        self.head: int | None = None
        self.time_zone: str = DEFAULT_ZONE
        self._unfinished: Question[Any] | None = None

    # -------------------------------------------------------------- access

    def may(self, scope: Scope) -> bool:
        """Return whether the sender's token covers a scope."""
        if not self.service.settings.require_token:
            return True
        return self.token is not None and self.token.allows(scope)

    @property
    def may_act(self) -> bool:
        """Whether the page shows forms: the sender may command, and the page shows the present."""
        return self.may("command") and not self.is_past

    @property
    def is_by_script(self) -> bool:
        """Whether htmx sent it, which swaps a page in only for status 200."""
        return self.http.headers.get("hx-request") == "true"

    def lead_to(self, where: str) -> Response:
        """Return the answer to a form that leads to another page, with a script and without."""
        if self.is_by_script:
            return Response(None, 200, {"HX-Redirect": where})
        return RedirectResponse(where, 303)

    @property
    def csrf_token(self) -> str:
        """What a form carries to prove that it comes from a page of this session."""
        return csrf_token(self.secret)

    async def form(self, files: int = 0) -> FormData:
        """Return the form that was sent, with at most so many files.

        Raises a problem ``forged_form`` (403) when it does not come from a page of this session,
        ``in_the_past`` (409) when it comes from a page of an earlier moment, and 413 when it is too
        large.
        """
        sent = await read_form(self.http, self.service.settings.most_body_bytes, files)
        has_token = "authorization" in self.http.headers
        if "as_of" in sent or "occurred_as_of" in sent:
            raise in_the_past()
        if not has_token and not is_csrf_token(self.secret, str(sent.get("proof", ""))):
            raise Problem(
                403, "forged_form", "This form was not sent from a page of this dashboard, or its "
                "session has ended. Go back, load the page again, and send it once more.",
            )
        return sent

    # -------------------------------------------------------------- the moment

    async def resolve_moment(self) -> None:
        """Resolve the moment that the page shows, and wait for what was just recorded.

        Raises a problem ``recorded_only`` (422) for a page that cannot show what had occurred.
        """
        recorded = self.query.get("recorded", "")
        if recorded.isascii() and recorded.isdigit() and len(recorded) < 16:
            await self.service.wait_for_read_models(int(recorded))
        occurred = self.query.get("occurred_as_of", "").strip()
        if occurred:
            if not self.takes_occurred_as_of:
                raise Problem(
                    422, "recorded_only", "This page can be asked for what was recorded by a "
                    "moment (as_of), not for what had happened by one (occurred_as_of).",
                )
            self.occurred_until = await self.service.in_thread(
                resolve_occurred, self.service.ledger, occurred
            )
        await self.service.in_thread(self._resolve_as_of)

    def _resolve_as_of(self) -> None:
        ledger, written = self.service.ledger, self.query.get("as_of", "").strip()
        self.head = ledger.head().position
        self.time_zone = time_zone_at(ledger)
        if not written:
            return
        self.as_of = resolve_as_of(ledger, written)
        found = ledger.read(max(self.as_of - 1, 0), 1)
        if found and self.as_of:
            self.as_of_moment = to_iso(found[0].recorded_at)
        elif found:
            self.begins_at = to_iso(found[0].recorded_at)

    @property
    def is_past(self) -> bool:
        """Whether the page shows an earlier moment, by recorded or by occurred time."""
        return self.as_of is not None or self.occurred_until is not None

    @property
    def begins_here(self) -> bool:
        """Whether there is little in the ledger yet, so that the first steps are still shown."""
        return self.may("read") and (self.head or 0) <= FEW

    @property
    def earlier_days(self) -> list[tuple[str, str]]:
        """Days to look back to, the latest first, each with its name."""
        today = day_in(self.service.ledger.clock(), self.time_zone)
        return [
            (name, (today - timedelta(days)).isoformat())
            for name, days in (("Yesterday", 1), ("A week ago", 7), ("A month ago", 30))
        ]

    @property
    def moment_as_occurred(self) -> str:
        """The moment of ``as_of``, written as a value of ``occurred_as_of``."""
        written = self.query.get("as_of", "").strip()
        return self.as_of_moment if written.isdigit() else written

    @property
    def takes_occurred_as_of(self) -> bool:
        """Whether the page can show what had occurred by a moment."""
        return getattr(self.http.scope.get("route"), "path", "") in _BY_OCCURRED_TIME

    def _moment_of(self, kind: type[Question[Any]]) -> dict[str, object]:
        """Return the moment of the page as fields of a question, those that it has.

        It is the position that was resolved once, so that all questions of a page, and all pages of
        a CSV, are about the same. A day that was asked for is today all the same.
        """
        today, as_of = (self.query.get(name, "").strip() for name in ("today", "as_of"))
        if not today and self.occurred_until is None and not as_of.isdigit():
            today = as_of
        occurred = self.occurred_until
        moment = {
            "as_of": None if self.as_of is None else str(self.as_of),
            "occurred_as_of": None if occurred is None else to_iso(occurred),
            "today": today or None,
        }
        return {name: value for name, value in moment.items() if name in kind.model_fields}

    # -------------------------------------------------------------- questions

    def question(self, kind: type[Q], **fields: object) -> Q:
        """Return a question as of the moment of the page."""
        asked = question_from(kind, QueryParams(), {**self._moment_of(kind), **fields})
        return asked.seen_by(is_admin=self.may("admin"))

    def question_from_query(
        self, kind: type[Q], defaults: Mapping[str, object] | None = None, **fields: object
    ) -> Q:
        """Return the question that the query of the page asks, as of its moment.

        ``fields`` come from the path, ``defaults`` hold where the query says nothing. Raises
        ``RequestValidationError`` for what cannot be asked.
        """
        asked = question_from(kind, self.query, {**self._moment_of(kind), **fields}, defaults)
        return asked.seen_by(is_admin=self.may("admin"))

    async def ask(self, question: Callable[[ReadModels], T]) -> T:
        """Return the answer to a question as of the moment that the page shows.

        Raises a problem (503): ``busy`` when no thread becomes free, ``question_too_long`` when the
        question takes too long. What was folded for an earlier moment is kept for the next request.
        """
        try:
            return await self.service.ask(
                question, past=self.is_past, receive=self.http.receive
            )
        except Refusal as refusal:
            if self.as_of is None or not await self.service.in_thread(self._exists_now, refusal):
                raise
            raise Problem(
                404, "not_recorded_yet", f"{refusal.message} That is what was recorded up to "
                f"position {self.as_of}; it was recorded later, whenever it happened.",
            ) from None
        except OutOfTime:
            if self.as_of is None:
                raise
            raise Problem(
                503, OutOfTime.code, f"The log is being read up to position {self.as_of}. That "
                "takes a while the first time. Load the page again: it goes on from there.",
                headers={"Retry-After": "1"},
            ) from None

    async def first_page_of(self, question: Question[Any]) -> Report:
        """Return a page of a list; for CSV without a ``limit``, the first page of all rows."""
        if self.format == "csv" and "limit" not in self.query:
            question = self._unfinished = question.model_copy(update={"limit": CSV_ROWS})
        return await self.ask(question.answer)

    def _exists_now(self, refusal: Refusal) -> bool:
        """Return whether what a question did not find as of the moment has been recorded since."""
        kinds: Mapping[str, type[Aggregate]] = {
            "sku": ProductStock, "order": Order, "purchase_order": PurchaseOrder,
        }
        name = refusal.code.removeprefix("unknown_")
        kind, key = kinds.get(name), refusal.details.get(name)
        if kind is None or key is None:
            return False
        return self.service.ledger.version_at(kind.stream_of(key), self.head or 0) > 0

    # -------------------------------------------------------------- links

    def link(self, path: str, *parts: str, **parameters: object) -> str:
        """Return the address of a page as of the same moment."""
        carried = [
            (name, self.query.get(name, "")) for name in _CARRIED
            if name not in parameters
            and (name != "occurred_as_of" or _takes_occurred_as_of(path, parts))
        ]
        return with_query(address(path, *parts), [*carried, *written(parameters.items())])

    def serves(self, path: str) -> bool:
        """Return whether there is a page at an address."""
        return path in served_by(self.http.app)

    def here(self, **changes: object) -> str:
        """Return the address of this page with some parameters changed, from its first page on."""
        gone = {*changes, *_NOT_REPEATED, "after", "before"}
        kept = [(name, value) for name, value in self.query.multi_items() if name not in gone]
        return with_query(path_of(self.http), [*kept, *written(changes.items())])

    # -------------------------------------------------------------- responses

    @property
    def format(self) -> str:
        """The format that is asked for: ``html``, ``json`` or ``csv``."""
        return wanted_format(self.http)

    def respond(
        self, template: str, report: Mapping[str, Any], *, title: str, header: Header,
        status: int = 200, rows: str = "rows", **context: Any,
    ) -> Response:
        """Return a report as a page made from a template, as JSON, or as CSV.

        The CSV holds the report's ``rows`` under a ``header``, which is there without rows too; by
        ``format`` it begins with a byte order mark for spreadsheets, by Accept without. Of
        a report of :meth:`first_page_of` it holds all rows, unless a ``limit`` is asked for.
        """
        headers = {
            "Position": str(report.get("as_of", self.head)), "Cache-Control": "no-store",
        }
        if self.format == "json":
            return as_json(report, headers=headers)
        if self.format == "csv":
            headers["Content-Disposition"] = f'inline; filename="{self._file_name}"'
            table = self._csv(report, rows, CsvTable(header, report[rows]))
            return StreamingResponse(table, 200, headers, "text/csv; charset=utf-8")
        return self.render(template, title=title, status=status, report=report, **context)

    @property
    def _file_name(self) -> str:
        """The name of a table that is saved: of the page that it comes from."""
        route = getattr(self.http.scope.get("route"), "path", "")
        words = [part for part in route.split("/")[2:] if part.replace("-", "").isalpha()]
        return f"{'-'.join(['stocktrail', *words])}.csv"

    async def _csv(self, report: Report, rows: str, table: CsvTable) -> AsyncIterator[bytes]:
        loop, threads = asyncio.get_running_loop(), self.service.page_threads
        mark = BYTE_ORDER_MARK if self.query.get("format") == "csv" else b""
        yield mark + table.header + await loop.run_in_executor(threads, table.lines, report[rows])
        while (asked := self._unfinished) is not None and report["next"] is not None:
            follows = "after" if "after" in type(asked).model_fields else "before"
            report = await self.ask(asked.model_copy(update={follows: report["next"]}).answer)
            yield await loop.run_in_executor(threads, table.lines, report[rows])

    def render(self, template: str, *, title: str, status: int = 200, **context: Any) -> Response:
        """Return a page made from a template."""
        response = RenderedResponse(
            self.service,
            partial(
                render, template, self.time_zone, request=self, title=title, asset=fingerprinted,
                navigation=navigation, **context,
            ),
            status, {"Cache-Control": "no-store"}, "text/html; charset=utf-8",
        )
        if COOKIE not in self.http.cookies and self.token is None:
            self.set_session_cookie(response, self.secret)
        return response

    def set_session_cookie(self, response: Response, secret: str) -> None:
        """Set the cookie of a session, which no script and no other site can read."""
        response.set_cookie(
            COOKIE, secret, max_age=SECONDS, httponly=True, samesite="strict", path="/",
            secure=self.http.scope["scheme"] == "https",
        )


def _takes_occurred_as_of(path: str, parts: tuple[str, ...]) -> bool:
    is_item = path == "/view/items" and (len(parts) == 1 or parts[1:] == ("movements",))
    return path == "/view/backorders" or path.startswith("/view/backorders/") or is_item


def in_the_past() -> Problem:
    """Return the problem of a form that belongs to an earlier moment (409)."""
    return Problem(
        409, "in_the_past", "You look at an earlier moment of the ledger, where nothing can be "
        "done any more. Go back to now, and do it there.",
    )
