"""Groups: several commands tried, shown and applied as one, all of them or none.

A page makes the commands of what is ticked on it, and hands them to :func:`try_group`; the rest is
done here. Applying tries them again: when the outcome would be another by then, the new one is
shown instead. It is done once, however often the form is sent, by the id in the form.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.reading import row_of
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.interfaces.dashboard.dry_run import MOVED
from stocktrail.interfaces.dashboard.group_dry_run import GroupDryRun, group_dry_run
from stocktrail.interfaces.dashboard.group_form import (
    MOST_IN_GROUP,
    GroupForm,
    nothing_chosen,
    too_many,
    written_form,
)
from stocktrail.interfaces.dashboard.page_access import MayCommand
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.access import ADMIN_COMMANDS, scope_missing
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.store import Ledger

__all__ = ["MOST_IN_GROUP", "brought_back", "group_context", "router", "try_group"]

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ID = re.compile("[0-9a-f]{32}")


async def try_group(
    request: PageRequest, commands: Sequence[Command], *, title: str, back: str, then: str,
    about: str = "", sent: FormData | None = None,
) -> Response:
    """Show what commands would do as one group, with a form that applies them.

    ``back`` is the page on which they were chosen, ``then`` the one that is shown once they are
    applied. ``sent`` is the form in which they were chosen, for :func:`brought_back`, which the
    page asks where its own form comes with the step ``back``.

    Raises a problem: 422 ``nothing_chosen`` and ``too_many_commands``, 403 for commands
    that the sender may not give.
    """
    shown = await group_context(
        request, commands, title=title, back=back, then=then, about=about, sent=sent
    )
    return _page(request, shown)


async def brought_back(request: PageRequest, sent: FormData) -> FormData | None:
    """Return what was filled in before a dry run whose Back was pressed; ``None``: it was not."""
    if sent.get("step") != "back":
        return None
    service, packed = request.service, str(sent.get("group", ""))
    form = await service.run_in(service.body_threads, GroupForm.unpacked, packed)
    return form.filled_in()


async def group_context(
    request: PageRequest, commands: Sequence[Command], *, title: str, back: str, then: str,
    about: str = "", sent: FormData | None = None,
) -> dict[str, Any]:
    """Return what a page needs to show a group in ``group_parts.html``; see :func:`try_group`."""
    if not commands:
        raise nothing_chosen()
    if len(commands) > MOST_IN_GROUP:
        raise too_many(len(commands))
    filled_in = "" if sent is None else written_form(sent)
    form = GroupForm(tuple(commands), title, about, back, then, filled_in)
    _require_scope(request, form)
    return await _shown(request, form)


@router.get("/view/group")
async def gone(request: MayCommand) -> Response:
    """Lead whoever comes back to the address of a group, which no address holds, to Today."""
    return RedirectResponse(request.link("/"), 303)


@router.post("/view/group")
async def act(request: MayCommand) -> Response:
    """Apply a group of commands, try it, or try the rest of it without those that are refused."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    service = request.service
    form = await service.run_in(service.body_threads, GroupForm.unpacked, sent.get("group", ""))
    _require_scope(request, form)
    if sent.get("step") == "rest":
        tried = await _tried(request, form)
        return await _show(request, form._replace(commands=tried.others or form.commands))
    if sent.get("step") != "apply":
        return await _show(request, form)
    group_id = sent.get("id", "")
    if _ID.fullmatch(group_id) is None:
        raise Problem(422, "invalid", "The id of this form is none; load the page again.")
    return await _apply(request, form, group_id, sent.get("seen", ""))


def _require_scope(request: PageRequest, form: GroupForm) -> None:
    names = {command.command for command in form.commands}
    if names & ADMIN_COMMANDS and not request.may("admin"):
        raise scope_missing("command", "admin")


async def _tried(request: PageRequest, form: GroupForm) -> GroupDryRun:
    await request.service.require_read_models()
    return await request.service.in_thread(group_dry_run, request.service.ledger, form.commands)


async def _apply(request: PageRequest, form: GroupForm, group_id: str, seen: str) -> Response:
    service, ledger = request.service, request.service.ledger
    ids = [f"{group_id}-{number}" for number, _ in enumerate(form.commands, 1)]
    position = await service.in_thread(_recorded_at, ledger, ids)
    if position is None:
        tried = await _tried(request, form)
        if tried.seen != seen:
            return await _show(request, form, tried, moved=MOVED)
        results = await asyncio.to_thread(_submit, request, tried, group_id, ids)
        for result in results:
            service.metrics.command(result.command or "", result.status)
        # What another sending of the same form has recorded meanwhile is done as well.
        position = await service.in_thread(_recorded_at, ledger, ids)
        if position is None:
            has_moved = any(result.code == "version_conflict" for result in results)
            return await _show(request, form, moved=MOVED if has_moved else "")
    request.http.state.command_id, request.http.state.result = group_id, "accepted"
    return request.lead_to(f"{form.then}{'&' if '?' in form.then else '?'}recorded={position}")


def _submit(
    request: PageRequest, tried: GroupDryRun, group_id: str, ids: Sequence[str]
) -> list[Result]:
    """Record the commands together; each tells that it belongs to the group, and who sent it."""
    token = request.token
    added = {} if token is None else {"actor": token.name}
    rows = [
        row_of(command.model_copy(update={"correlation_id": group_id, **added}), line, command_id)
        for line, (command, command_id) in enumerate(
            zip(tried.at_their_versions(request.service.ledger), ids, strict=True), 1
        )
    ]
    return list(request.service.submitter.submit_rows(
        [rows], mode="atomic", credential=None if token is None else token.token_id
    ))


def _recorded_at(ledger: Ledger, ids: Sequence[str]) -> int | None:
    """Return where the ledger stood once the commands of a group were recorded, if they are."""
    outcomes = ledger.outcomes_of(ids)
    if len(outcomes) < len(ids) or any(each.status not in DONE for each in outcomes.values()):
        return None
    return max(each.last_position for each in outcomes.values())


async def _shown(
    request: PageRequest, form: GroupForm, tried: GroupDryRun | None = None
) -> dict[str, Any]:
    tried = tried or await _tried(request, form)
    return {"form": form, "dry_run": tried, "group_id": uuid4().hex}


async def _show(
    request: PageRequest, form: GroupForm, tried: GroupDryRun | None = None, moved: str = ""
) -> Response:
    return _page(request, await _shown(request, form, tried), moved)


def _page(request: PageRequest, shown: Mapping[str, Any], moved: str = "") -> Response:
    would_be_recorded = shown["dry_run"].would_be_recorded
    return request.render(
        "group.html", title=shown["form"].title, moved=moved, **shown,
        status=200 if would_be_recorded or request.is_by_script else 409,
    )
