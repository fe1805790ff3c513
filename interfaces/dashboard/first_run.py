"""First run: what an empty ledger is, and three ways to begin.

The demo's data, a file of one's own, or a first item step by step. Steps are ticked by what has
been recorded; nothing is kept of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.interfaces.dashboard.page_access import MayCommand, MayRead
from stocktrail.interfaces.dashboard.page_request import FEW, PageRequest
from stocktrail.interfaces.dashboard.query import Plain
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.concurrency_limits import client_of
from stocktrail.interfaces.service.example_scripts import EXAMPLES
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.configuration import BackorderPolicyChanged
from stocktrail.ledger.orders.events import OrderPlaced
from stocktrail.ledger.stock.events.items import ProductRegistered, StockReceived
from stocktrail.ledger.store import Ledger

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

DEMO_TODAY = "1998-05-07"
"""The day after the last order of the demo's data: looked at from today all of it is overdue."""

_DEMO = ("northwind.jsonl", "northwind-purchases.jsonl")


class Step(NamedTuple):
    """A first step: what to do, the command that does it, and whether it is done."""

    name: str
    about: str
    command: str
    fields: dict[str, str]
    is_done: bool


def first_steps(ledger: Ledger) -> list[Step]:
    """Return the steps from nothing to an order that waits, with what has been done already."""
    events = ledger.read(0, FEW)
    sku = next((key for event in events for key in _registered(event)), "")
    return [
        Step("Register an item", "What you sell, by its SKU.", "register-product", {},
             bool(sku)),
        Step("Receive some of it", "What is there is counted from what came in and went out.",
             "receive-stock", {"sku": sku, "quantity": "10"}, _has(events, StockReceived)),
        Step("Let it be sold beyond its stock", "If you take orders for what is still to come.",
             "set-backorder-policy", {"backorders": "allow"},
             _has(events, BackorderPolicyChanged)),
        Step("Place an order for more than is there", "What is there is allocated; the rest waits.",
             "place-order", {"lines-0-sku": sku, "lines-0-quantity": "12"},
             _has(events, OrderPlaced)),
    ]


def _registered(event: RecordedEvent) -> list[str]:
    is_one = isinstance(event.payload, ProductRegistered)
    return [event.originator_id.partition("/")[2]] if is_one else []


def _has(events: Sequence[RecordedEvent], kind: type) -> bool:
    return any(isinstance(event.payload, kind) for event in events)


@router.get("/view/first-run")
async def first_run(request: MayRead, _: Plain) -> Response:
    """Show what the ledger is, and how to begin."""
    return await first_page(request)


async def first_page(request: PageRequest) -> Response:
    """Return the page of a ledger in which little or nothing has been recorded."""
    steps = await request.service.in_thread(first_steps, request.service.ledger)
    return request.render("first_run.html", title="Begin", steps=steps, is_empty=not request.head)


@router.post("/view/first-run/demo")
async def fill_with_demo(request: MayCommand) -> Response:
    """Record the demo's data in a ledger that is still empty, and look at it on its own day."""
    await request.form()
    if request.head:
        raise Problem(409, "not_empty", "Something has been recorded in this ledger already, and "
                      "the demo's data would be mixed with it. Run stocktrail demo instead: it "
                      "makes a database of its own.")
    service = request.service
    with service.uploads.slot(client_of(request.http)):
        position = await service.run_in(service.upload_threads, _record_demo, request)
    return RedirectResponse(request.link("/", today=DEMO_TODAY, recorded=position), 303)


def _record_demo(request: PageRequest) -> int:
    token = request.token
    for name in _DEMO:
        with (EXAMPLES / name).open("rb") as script:
            for _ in request.service.submitter.submit_rows(
                read_json_lines(script), credential=None if token is None else token.token_id
            ):
                pass                      # all of it is accepted, which a test makes sure of
    return request.service.ledger.head().position
