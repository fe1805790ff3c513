"""Import a shop's own file: looked at first, with its columns to choose from, then recorded."""

from collections.abc import Iterable, Sequence
from functools import partial

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import Result
from stocktrail.interfaces.dashboard.page_access import MayCommand
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.dashboard.table_form import TableForm, table_form
from stocktrail.interfaces.dashboard.table_import import (
    KINDS,
    TableOutcome,
    context_of,
    import_table,
    layout_to_choose,
)
from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.service.concurrency_limits import client_of

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

MOST_SHOWN = 100
"""How many changes, and how many findings, are shown of a file."""


@router.post("/view/import/table")
async def import_a_table(request: MayCommand) -> Response:
    """Look at a file and what it would change, or record it."""
    sent = await request.form(files=1)
    try:
        form = await table_form(sent)
    finally:
        await sent.close()
    applies = sent.get("step") == "apply"
    if form is None:
        return RedirectResponse(request.link("/view/import"), 303)
    service = request.service
    head = (await service.in_thread(service.ledger.head)).position
    await service.wait_for_read_models(head)
    with service.uploads.slot(client_of(request.http)):
        return await service.run_in(
            service.upload_threads, partial(_answer, request, form, head, applies=applies)
        )


def _answer(request: PageRequest, form: TableForm, head: int, *, applies: bool) -> Response:
    try:
        outcome = import_table(
            form, request.service.models, partial(_submitted, request), applies=applies
        )
    except BadFile as error:
        return _page(request, form, None, error=error.message)
    if outcome.is_recorded and not (outcome.read.findings.errors or outcome.outcome.refused):
        return RedirectResponse(request.link("/", recorded=outcome.outcome.position or head), 303)
    return _page(request, form, outcome)


def _submitted(
    request: PageRequest, rows: Iterable[Sequence[Row]], tries: bool
) -> Iterable[Result]:
    token = request.token
    return request.service.submitter.submit_rows(
        rows, dry_run=tries, credential=None if token is None else token.token_id
    )


def _page(
    request: PageRequest, form: TableForm, outcome: TableOutcome | None, *, error: str = ""
) -> Response:
    layout = layout_to_choose(form) if outcome is None else outcome.read.layout
    return request.render(
        "import_table.html", title="Import a file", form=form, outcome=outcome, error=error,
        kinds=KINDS, kind=KINDS[form.kind], shown=MOST_SHOWN,
        status=422 if error else 200, **context_of(form, layout),
    )
