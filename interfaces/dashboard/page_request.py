"""A visit: one request of a person, with what they may do and the moment they look at.

Where the service asks for tokens a page is shown to whoever logged in with one (or shows one in
``Authorization``), as far as its scope goes; else everybody on this machine may do everything.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date
from functools import cached_property, partial
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response, StreamingResponse

from stocktrail.interfaces.dashboard.assets import fingerprinted
from stocktrail.interfaces.dashboard.csv_headers import Header
from stocktrail.interfaces.dashboard.csv_table import CsvTable
from stocktrail.interfaces.dashboard.rendered import RenderedResponse
from stocktrail.interfaces.dashboard.rendering import address, render, with_query
from stocktrail.interfaces.dashboard.requested import path_of, wanted_format, written
from stocktrail.interfaces.service.answers import as_json
from stocktrail.interfaces.service.bodies import read_form
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.sessions import COOKIE, SECONDS, form_proof, new_secret, proves
from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.side_tables.access import Scope, Token
from stocktrail.ledger.store.time_limit import OutOfTime
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_as_of, resolve_occurred, resolve_today

T = TypeVar("T")
Report = Mapping[str, Any]
Listing = Callable[[int, Any], Awaitable[Report]]
"""Asks for a page of a list: at most so many rows, after what the page before gave as ``next``."""

CSV_ROWS = 2000
"""How many rows of a table in CSV are asked for, and held, at a time."""

_KEPT = ("as_of", "occurred_as_of", "today")
_BY_HAPPENING = ("/view/backorders/{by}", "/view/items/{sku:id}", "/view/items/{sku:id}/movements")
"""The pages that can be asked for what had happened by a moment, whenever it was recorded."""

_ONCE = ("recorded", "format")


class PageRequest:
    """One request of a person, and how it is answered."""

    def __init__(self, request: Request, service: Service, token: Token | None) -> None:
        self.request = request
        self.service = service
        self.token = token
        self.secret = request.cookies.get(COOKIE) or new_secret()
        self.asked = request.query_params
        self.as_of: int | None = None
        self.as_of_moment = ""
        self.occurred_until: int | None = None
        self.begins_at = ""
        self.head: int | None = None
        self._goes_on: Listing | None = None

    # -------------------------------------------------------------- who

    def may(self, scope: Scope) -> bool:
        """Return whether the visitor may do what a scope covers."""
        if not self.service.settings.require_token:
            return True
        return self.token is not None and self.token.allows(scope)

    @property
    def may_act(self) -> bool:
        """Whether forms are shown: to who may command, and not in the past."""
        return self.may("command") and not self.is_past

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
        if "as_of" in sent or "occurred_as_of" in sent:
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
            await self.service.wait_for_read_models(int(recorded))
        happened = self.asked.get("occurred_as_of", "").strip()
        if happened:
            if not self.goes_by_happening:
                raise Problem(
                    422, "recorded_only", "This page can be asked for what was recorded by a "
                    "moment (as_of), not for what had happened by one (occurred_as_of).",
                )
            self.occurred_until = await self.service.in_thread(
                resolve_occurred, self.service.ledger, happened
            )
        await self.service.in_thread(self._look)

    def _look(self) -> None:
        ledger, written = self.service.ledger, self.asked.get("as_of", "").strip()
        self.head = ledger.head().position
        if not written:
            return
        self.as_of = resolve_as_of(ledger, written)
        begins = ledger.read(max(self.as_of - 1, 0), 1)
        if begins and self.as_of:
            self.as_of_moment = to_iso(begins[0].recorded_at)
        elif begins:
            self.begins_at = to_iso(begins[0].recorded_at)

    @property
    def is_past(self) -> bool:
        """Whether an earlier moment is looked at, by either clock."""
        return self.as_of is not None or self.occurred_until is not None

    @property
    def when_it_happened(self) -> str:
        """The moment that is looked at, as a time by which things may have happened."""
        written = self.asked.get("as_of", "").strip()
        return self.as_of_moment if written.isdigit() else written

    @property
    def goes_by_happening(self) -> bool:
        """Whether the page can be asked for what had happened by a moment."""
        return getattr(self.request.scope.get("route"), "path", "") in _BY_HAPPENING

    @cached_property
    def today(self) -> date | None:
        """The day that is today for promises, ``None`` to leave it to the position or the clock."""
        written = self.asked.get("today", "").strip() or None
        as_of = self.asked.get("as_of", "").strip() if self.occurred_until is None else ""
        return resolve_today(self.service.ledger, written, as_of or None)

    async def ask(self, question: Callable[[ReadModels], T]) -> T:
        """Have a question answered by the read models, as of the moment that is looked at.

        Raises a problem (503) ``busy`` when its turn does not come, ``question_too_long`` when it
        takes too long itself: what was read of the log for an earlier moment is kept for the next.
        """
        try:
            return await self.service.ask(question, past=self.is_past)
        except Refusal as refusal:
            if self.as_of is None or not await self.service.in_thread(self._is_known, refusal):
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

    async def listed(self, page: Listing, limit: int, after: Any) -> Report:
        """Ask for a page of a list; of a table in CSV without a ``limit``, for the first of all."""
        if self.format != "csv" or "limit" in self.asked:
            return await page(limit, after)
        self._goes_on = page
        return await page(CSV_ROWS, after)

    def _is_known(self, refusal: Refusal) -> bool:
        """Return whether what a question did not find has been recorded meanwhile."""
        kinds: Mapping[str, type[Aggregate]] = {
            "sku": ProductStock, "order": Order, "purchase_order": PurchaseOrder,
        }
        name = refusal.code.removeprefix("unknown_")
        kind, key = kinds.get(name), refusal.details.get(name)
        if kind is None or key is None:
            return False
        return self.service.ledger.version_at(kind.stream_of(key), self.head or 0) > 0

    # -------------------------------------------------------------- where

    def link(self, path: str, *parts: str, **asked: object) -> str:
        """Write an address of a page, at the moment that is looked at."""
        kept = [
            (name, self.asked.get(name, "")) for name in _KEPT
            if name not in asked
            and (name != "occurred_as_of" or _can_go_by_happening(path, parts))
        ]
        return with_query(address(path, *parts), [*kept, *written(asked.items())])

    def here(self, **changes: object) -> str:
        """Write the address of this page with some parameters changed; it begins on page one."""
        gone = {*changes, *_ONCE, "after", "before"}
        kept = [(name, value) for name, value in self.asked.multi_items() if name not in gone]
        return with_query(path_of(self.request), [*kept, *written(changes.items())])

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
        loop, pages = asyncio.get_running_loop(), self.service.page_threads
        yield table.header + await loop.run_in_executor(pages, table.lines, report[rows])
        while self._goes_on is not None and report["next"] is not None:
            report = await self._goes_on(CSV_ROWS, report["next"])
            yield await loop.run_in_executor(pages, table.lines, report[rows])

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


def _can_go_by_happening(path: str, parts: tuple[str, ...]) -> bool:
    is_item = path == "/view/items" and (len(parts) == 1 or parts[1:] == ("movements",))
    return path == "/view/backorders" or path.startswith("/view/backorders/") or is_item


def in_the_past() -> Problem:
    """Refuse to do anything while an earlier moment is looked at."""
    return Problem(
        409, "in_the_past", "You look at an earlier moment of the ledger, where nothing can be "
        "done any more. Go back to now, and do it there.",
    )
