"""Commands over HTTP: one at a time, or a stream of them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from stocktrail.commands import COMMANDS
from stocktrail.commands.model import Command
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.commands.scripts.submission import Mode, submit_one
from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.api.request_bodies import body_of, body_of_any_command
from stocktrail.interfaces.api.responses import results
from stocktrail.interfaces.api.shapes.results import ResultReport
from stocktrail.interfaces.api.stream import StreamedSubmission
from stocktrail.interfaces.service.access import (
    ADMIN_COMMANDS,
    credential_of,
    is_admin,
    scope_missing,
)
from stocktrail.interfaces.service.bodies import (
    JSON,
    JSON_LINES,
    LARGE_BYTES,
    command_of,
    media_type_of,
    read_body,
    unsupported,
)
from stocktrail.interfaces.service.preview import MOVES_WAITING, preview_of
from stocktrail.interfaces.service.problem_status import status_of_result
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import service_of
from stocktrail.ledger.store import Ledger

router: APIRouter = APIRouter(tags=["commands"], route_class=PositionHeaderRoute)

DryRun = Annotated[
    bool, Query(description="Say what would happen, and record nothing.")
]
IdempotencyKey = Annotated[
    str | None,
    Header(description="The id of the command: the same id changes nothing twice."),
]
_DRY_RUN_KNOWN = frozenset(("dry_run",))


@router.post(
    "/commands", operation_id="submit", response_model=ResultReport,
    responses=results(of_many=True), openapi_extra=body_of_any_command(),
)
async def submit(
    request: Request,
    dry_run: DryRun = False,
    mode: Annotated[
        Mode, Query(description="Of JSON Lines: after a command that is not recorded go on, stop, "
                    "or record none at all.")
    ] = "continue",
    run: Annotated[
        str | None,
        Query(max_length=128, description="Of JSON Lines: names this run; rows without an id count "
              "again under another name."),
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit one command, or many as JSON Lines whose results are streamed as they are recorded."""
    _require_known(request, {"dry_run", "mode", "run"})
    kind = media_type_of(request)
    if kind in JSON_LINES:
        _refuse_key_of_many(idempotency_key)
        return StreamedSubmission(
            service_of(request), mode=mode, run=run, dry_run=dry_run,
            credential=credential_of(request),
            withheld=frozenset() if is_admin(request) else ADMIN_COMMANDS,
        )
    if kind != JSON:
        raise unsupported(kind, (JSON, JSON_LINES[0]))
    return await submit_one_of(request, None, idempotency_key, dry_run=dry_run)


def _refuse_key_of_many(key: str | None) -> None:
    if key is not None:
        raise Problem(
            422, "bad_parameter", "Idempotency-Key is the id of one command; rows carry their own."
        )


def _require_known(request: Request, known: set[str] | frozenset[str]) -> None:
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise Problem(422, "bad_parameter", f"{unknown[0][:60]} is not a parameter of this "
                      f"address; {', '.join(sorted(known))} are.")


def _route_of(name: str) -> Callable[..., Awaitable[Response]]:
    async def submit_command(
        request: Request, dry_run: DryRun = False, idempotency_key: IdempotencyKey = None
    ) -> Response:
        _require_known(request, _DRY_RUN_KNOWN)
        kind = media_type_of(request)
        if kind != JSON:
            raise unsupported(kind, (JSON,))
        return await submit_one_of(request, name, idempotency_key, dry_run=dry_run)

    submit_command.__doc__ = COMMANDS[name].__doc__
    return submit_command


for _name in sorted(COMMANDS):
    router.post(
        f"/commands/{_name}", operation_id=_name, response_model=ResultReport, responses=results(),
        openapi_extra=body_of(COMMANDS[_name], examples.COMMANDS[_name]),
    )(_route_of(_name))


@router.post("/commands/{command}", include_in_schema=False)
async def submit_unknown(command: str) -> Response:
    """Refuse a command that does not exist."""
    raise Problem(
        404, "unknown_command",
        f"{command[:60]!r} is not a command; the commands are {', '.join(COMMANDS)}.",
    )


async def submit_one_of(
    request: Request, name: str | None, key: str | None, *, dry_run: bool
) -> Response:
    """Read one command, of this name if the address says one, submit it and answer with its result.

    Raises a problem for a body that holds none, and for one that its token may not send.
    """
    service = service_of(request)
    body = await read_body(request, service.settings.most_body_bytes)
    if len(body) < LARGE_BYTES:
        command = command_of(body, name, key)
    else:
        command = await service.run_in(service.body_threads, command_of, body, name, key)
    request.state.command = command.command
    if command.command in ADMIN_COMMANDS and not is_admin(request):
        raise scope_missing("command", "admin")
    if dry_run:
        if command.command in MOVES_WAITING:
            await service.require_read_models()
        result, preview = await service.in_thread(_tried, service.ledger, command)
    else:
        result, preview = await service.submitter.submit_async(
            command, credential=credential_of(request)
        ), None
    request.state.command_id, request.state.result = result.id, result.status
    service.metrics.command(command.command, result.status, dry_run=dry_run)
    # What a duplicate recorded is read from the log when somebody looks.
    if result.status == "duplicate" or len(body) >= LARGE_BYTES:
        return await service.in_thread(_answer, result, preview)
    return _answer(result, preview)


def _tried(ledger: Ledger, command: Command) -> tuple[Result, dict[str, Any] | None]:
    result = submit_one(ledger, command, dry_run=True)
    return result, preview_of(ledger, result)


def _answer(result: Result, preview: dict[str, Any] | None) -> Response:
    position = result.position if result.judged_at is None else result.judged_at
    headers = {} if position is None else {"Position": str(position)}
    if result.status in DONE:
        if result.status == "duplicate":
            headers["Idempotency-Hit"] = "true"
        recorded = result.status == "accepted" and result.recorded and result.judged_at is None
        written = result.to_json() if preview is None else orjson.dumps(
            result.as_json() | {"preview": preview}
        )
        return Response(written, 201 if recorded else 200, headers, JSON)
    again = result.first_judged_at
    return Problem(
        status_of_result(result.status), result.code or "invalid", result.message or "",
        headers=headers, details=result.details, result=result.as_json(),
        **({} if again is None else {"first_judged_at": again}),
    ).response()
