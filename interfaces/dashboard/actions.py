"""Actions: every command as a form, with a dry run before it is applied.

The dry run records nothing. Applying sends the same command with the version of the dry run; when
the outcome would be another by then, the new dry run is shown instead.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from stocktrail import commands
from stocktrail.commands import COMMANDS
from stocktrail.commands.model import Command
from stocktrail.commands.purchasing import ReceiveGoods
from stocktrail.commands.scripts.results import DONE
from stocktrail.commands.scripts.validation_errors import errors_of
from stocktrail.interfaces.dashboard.choices import choices_of
from stocktrail.interfaces.dashboard.dry_run import MOVED, DryRun, dry_run
from stocktrail.interfaces.dashboard.form_document import (
    DocumentLine,
    FormDocument,
    document_of,
    has_document,
)
from stocktrail.interfaces.dashboard.form_fields import (
    SPARE_ROWS,
    fields_of,
    place_of,
    rows_of,
    sentence_at_field,
    values_of,
)
from stocktrail.interfaces.dashboard.new_ids import new_id, prefix_of
from stocktrail.interfaces.dashboard.page_access import MayCommand
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.refused_inputs import refused_inputs
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.access import ADMIN_COMMANDS, scope_missing
from stocktrail.interfaces.service.problems import Problem
from stocktrail.projections.questions.fields import NO_CONTROL

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ID = re.compile(NO_CONTROL)
_TOPICS = {
    "orders": "Orders", "purchasing": "Purchase orders", "stock": "Stock",
    "pools": "Sources and pools", "settings": "Settings", "customers": "Customers",
    "webhooks": "Webhooks",
}
"""The headings of the list of actions: the modules and packages of commands, in order."""

_FIRST = ("place-order",)
"""Commands that come first under their heading."""

_ABOUT = (("order", "/view/orders"), ("purchase_order", "/view/purchase-orders"),
          ("from_order", "/view/orders"), ("sku", "/view/items"), ("webhook", "/view/webhooks"))
_COLUMNS = ("command", "topic", "about")
_FORM_FIELDS = frozenset(("proof", "step", "version", "seen", "command_id"))


class Filled(NamedTuple):
    """A filled form: the model of its command, the texts of inputs, and the error at each input.

    ``document`` is what it began from.
    """

    model: type[Command]
    texts: Mapping[str, str]
    errors: Mapping[str, str]
    document: FormDocument | None = None

    def rows(self, name: str) -> list[int]:
        """Return the numbers of the rows of a list: those of the document, or free ones too."""
        field = next(each for each in fields_of(self.model) if each.name == name)
        return rows_of(field, self.texts, SPARE_ROWS if self.document is None else 0)

    def line(self, name: str, row: int) -> DocumentLine | None:
        """Return the line of the document that a row is about."""
        if self.document is None:
            return None
        return self.document.lines.get(self.texts.get(f"{name}-{row}-line", "").strip())

    def command(self, request: PageRequest) -> "Command | Filled":
        """Return the command of the form, or the form with its errors."""
        texts = self.texts
        if self.document is not None:
            texts = self.document.without_left_out(texts)
            if self.document.is_of_units and not any(name.startswith("lines-") for name in texts):
                return self._replace(errors={"lines": "Give at least one line a quantity."})
        fields = fields_of(self.model)
        values = values_of(fields, texts)
        if texts.get("occurred_at", "").strip():
            values["occurred_at"] = texts["occurred_at"].strip()
        if request.token is not None:
            values["actor"] = request.token.name
        try:
            return self.model.model_validate(values)
        except ValidationError as error:
            return self._replace(errors={
                place_of(each["pointer"], fields, texts): sentence_at_field(**each)
                for each in errors_of(error, self.model, values)
            })


def _model(name: str, request: PageRequest) -> type[Command]:
    if name not in COMMANDS:
        raise Problem(404, "unknown_command", f"There is no action {name[:60]!r}.")
    if name in ADMIN_COMMANDS and not request.may("admin"):
        raise scope_missing("command", "admin")
    return COMMANDS[name]


@router.get("/view/actions")
async def actions(request: MayCommand) -> Response:
    """Show every action."""
    report = {"rows": [
        {"command": name, "topic": _topic(model), "about": _first_line(model)}
        for name, model in sorted(COMMANDS.items(), key=_order)
        if name not in ADMIN_COMMANDS or request.may("admin")
    ]}
    return request.respond("actions.html", report, title="Actions", header=_COLUMNS)


def _module(model: type[Command]) -> str:
    return model.__module__.removeprefix(f"{commands.__name__}.").partition(".")[0]


def _topic(model: type[Command]) -> str:
    return _TOPICS.get(_module(model)) or _module(model).replace("_", " ").capitalize()


def _order(listed: tuple[str, type[Command]]) -> tuple[int, bool]:
    name, model = listed
    topics = list(_TOPICS)
    module = _module(model)
    place = topics.index(module) if module in topics else len(topics)
    return place, name not in _FIRST


def _first_line(model: type[Command]) -> str:
    return (model.__doc__ or "").partition("\n")[0]


@router.get("/view/actions/{command}")
async def form(command: str, request: MayCommand) -> Response:
    """Show the form of a command, filled with the parameters of the address."""
    model = _model(command, request)
    if request.is_past:
        return request.render("in_the_past.html", title=_title(model))
    texts = {name: value for name, value in request.query.items() if name not in _FORM_FIELDS}
    document = await _document(request, model, texts)
    if document is not None and not any(name.startswith("lines-") for name in texts):
        texts = document.texts() | texts
    for field in fields_of(model):
        if field.default and field.name not in texts:
            texts[field.name] = field.default
        if not texts.get(field.name) and (prefix := prefix_of(model.command, field.name)):
            texts[field.name] = new_id(prefix)
    filled = Filled(model, texts, {}, document)
    if request.query.get("step") != "try":
        return await _page(request, filled)
    wanted = await _wanted(request, filled)
    if isinstance(wanted, Filled):
        return await _page(request, wanted)
    return await _try(request, wanted, filled)


async def _document(
    request: PageRequest, model: type[Command], texts: Mapping[str, str]
) -> FormDocument | None:
    """Return the document that a form begins from, if one is named that is there."""
    key = texts.get(has_document(model.command) or "", "").strip()
    if not key:
        return None
    return await request.ask(partial(document_of, command=model.command, key=key))


async def _wanted(request: PageRequest, filled: Filled) -> Command | Filled:
    return await request.service.run_in(
        request.service.body_threads, filled.command, request
    )


async def _try(
    request: PageRequest, wanted: Command, filled: Filled, moved: str = ""
) -> Response:
    await request.service.require_read_models()
    tried = await request.service.in_thread(dry_run, request.service.ledger, wanted)
    return await _tried(request, filled, tried, moved)


@router.post("/view/actions/{command}")
async def act(command: str, request: MayCommand) -> Response:
    """Do a dry run of the command, or apply it."""
    model = _model(command, request)
    sent = {name: str(value) for name, value in (await request.form()).items()}
    texts = {name: value for name, value in sent.items() if name not in _FORM_FIELDS}
    filled = Filled(model, texts, {}, await _document(request, model, texts))
    if sent.get("step") == "fill":
        key = has_document(model.command) or ""
        address = request.link("/view/actions", command, **{key: texts.get(key, "")})
        return RedirectResponse(address, 303)
    wanted = await _wanted(request, filled)
    if isinstance(wanted, Filled):
        return await _page(request, wanted, status=422)
    if sent.get("step") != "apply":
        return await _try(request, wanted, filled)
    await request.service.require_read_models()
    return await _apply(request, wanted, filled, sent)


async def _apply(
    request: PageRequest, wanted: Command, filled: Filled, sent: Mapping[str, str]
) -> Response:
    command_id = sent.get("command_id", "") or uuid4().hex
    if _ID.fullmatch(command_id) is None:
        raise Problem(422, "invalid", "The id of this form is none; load the page again.")
    if await request.service.in_thread(request.service.ledger.outcome, command_id) is None:
        tried = await request.service.in_thread(dry_run, request.service.ledger, wanted)
        if tried.seen != sent.get("seen"):
            return await _tried(request, filled, tried, MOVED)
    version = sent.get("version", "")
    update: dict[str, Any] = {"id": command_id}
    if version.isdecimal() and len(version) < 19:
        update["expected_version"] = int(version)
    token = request.token
    result = await request.service.submitter.submit_async(
        wanted.model_copy(update=update), credential=None if token is None else token.token_id
    )
    request.http.state.command_id, request.http.state.result = result.id, result.status
    request.service.metrics.command(wanted.command, result.status)
    if result.status in DONE:
        where, *ids = _subject(wanted)
        return request.lead_to(request.link(where, *ids, recorded=result.position or ""))
    moved = MOVED if result.code == "version_conflict" else ""
    return await _try(request, wanted, filled, moved)


def _subject(command: Command) -> tuple[str, ...]:
    """Return the page of what a command is about; of a receipt that says who got what of it."""
    if isinstance(command, ReceiveGoods):
        return ("/view/purchase-orders", command.purchase_order, "receipts", command.receipt)
    for name, path in _ABOUT:
        value = getattr(command, name, None)
        if value is not None:
            return (path, value)
    return ("/view/settings",)


async def _tried(
    request: PageRequest, filled: Filled, tried: DryRun, moved: str = ""
) -> Response:
    if tried.would_be_recorded:
        return await _page(request, filled, tried=tried, moved=moved)
    errors = refused_inputs(tried.result, filled.model, filled.texts)
    return await _page(request, filled._replace(errors=errors), status=409, moved=moved)


def _title(model: type[Command]) -> str:
    return model.command.replace("-", " ").capitalize()


async def _page(
    request: PageRequest, filled: Filled, *, tried: DryRun | None = None, moved: str = "",
    status: int = 200,
) -> Response:
    command = filled.model.command
    return request.render(
        "action.html", title=_title(filled.model),
        # htmx swaps a form in only for status 200.
        status=200 if request.is_by_script else status,
        filled=filled, fields=fields_of(filled.model), dry_run=tried, moved=moved,
        about=_first_line(filled.model), command_id=uuid4().hex,
        occurred_at=filled.texts.get("occurred_at", ""), key=has_document(command),
        choices=await choices_of(request, command),
    )
