"""Import: the commands of a file, tried before they are recorded.

The rows travel in the form, so that what is recorded is what was tried. Each gets an id that is
derived from its bytes: recording the same file again changes nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import NamedTuple

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from stocktrail.commands import COMMANDS
from stocktrail.commands.scripts.reading import Row, read_csv, read_json_lines
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.interfaces.dashboard.page_access import MayCommand
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.query import Plain
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.dashboard.table_import import KINDS
from stocktrail.interfaces.service.access import ADMIN_COMMANDS
from stocktrail.interfaces.service.concurrency_limits import client_of

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_TABLES = (".csv", ".tsv", ".xlsx")

MOST_SHOWN = 100
"""How many rows that are not recorded are shown with their reasons."""


class ImportOutcome(NamedTuple):
    """What became of the rows of a file, or would become of them.

    ``counts`` are the commands that are recorded, by name; ``refused`` those that are not.
    """

    rows: int
    counts: Counter[str]
    known_already: int
    refused: list[Result]

    @property
    def recorded(self) -> int:
        """How many commands are recorded by it."""
        return self.counts.total()


@router.get("/view/import")
async def import_form(request: MayCommand, _: Plain) -> Response:
    """Ask for a file."""
    if request.is_past:
        return request.render("in_the_past.html", title="Import a file")
    return _page(request, "", "")


@router.post("/view/import")
async def import_rows(request: MayCommand) -> Response:
    """Try the rows of a file, or record them."""
    sent = await request.form(files=1)
    command = str(sent.get("command", ""))
    text = await _text_of(sent)
    await sent.close()
    if not text.strip():
        return _page(request, command, text, error="Choose a file, or paste its rows.")
    if not command and _is_a_table(sent):
        return _page(request, "", "", error="This is a table. Take it as a file of your shop, or "
                     "choose which command each of its rows is.")
    if command and command not in COMMANDS:
        return _page(request, "", text, error="Choose what each row of the table is.")
    await request.service.require_read_models()
    applies = sent.get("step") == "apply"
    with request.service.uploads.slot(client_of(request.http)):
        outcome = await request.service.run_in(
            request.service.upload_threads, _submitted, request, command, text, applies
        )
    if applies and not outcome.refused:
        head = (await request.service.in_thread(request.service.ledger.head)).position
        return RedirectResponse(request.link("/", recorded=head), 303)
    return _page(request, command, text, outcome=outcome, is_recorded=applies)


def _is_a_table(sent: FormData) -> bool:
    file = sent.get("file")
    return isinstance(file, UploadFile) and str(file.filename).lower().endswith(_TABLES)


async def _text_of(sent: FormData) -> str:
    """Return the rows of a form: those of its file, else those that it carries."""
    file = sent.get("file")
    if isinstance(file, UploadFile) and file.size:
        return (await file.read()).decode("utf-8-sig", "replace")
    return str(sent.get("rows", ""))


def _submitted(request: PageRequest, command: str, text: str, applies: bool) -> ImportOutcome:
    token = request.token
    stream = BytesIO(text.replace("\r\n", "\n").encode("utf-8", "surrogatepass"))
    found = read_csv(stream, command) if command else read_json_lines(stream)
    rows, known, counts, refused = 0, 0, Counter[str](), list[Result]()
    for result in request.service.submitter.submit_rows(
        _allowed(request, found), dry_run=not applies,
        credential=None if token is None else token.token_id,
    ):
        rows += 1
        known += result.status == "duplicate"
        if result.status == "accepted":
            counts[result.command or ""] += 1
        elif result.status not in DONE:
            refused.append(result)
    return ImportOutcome(rows, counts, known, refused)


def _allowed(request: PageRequest, found: Iterator[list[Row]]) -> Iterator[Sequence[Row]]:
    """Yield rows; of a token that may not administer, those with such commands are invalid."""
    missing = {"pointer": "/command", "code": "scope_missing",
               "message": "This takes a token with the scope admin."}
    may = request.may("admin")
    for rows in found:
        yield [
            row if may or row.name not in ADMIN_COMMANDS
            else row._replace(command=None, errors=(missing,)) for row in rows
        ]


def _page(
    request: PageRequest, command: str, text: str, *, outcome: ImportOutcome | None = None,
    is_recorded: bool = False, error: str = "",
) -> Response:
    names = sorted(name for name in COMMANDS if name not in ADMIN_COMMANDS)
    return request.render(
        "import.html", title="Import a file", command=command, rows=text, outcome=outcome,
        is_recorded=is_recorded, error=error, commands=names, shown=MOST_SHOWN, kinds=KINDS,
        status=422 if error else 200,
    )
