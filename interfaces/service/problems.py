"""Problems: every error of the service as ``application/problem+json`` (RFC 9457).

``code`` is stable and meant for programs, ``detail`` is a sentence for people, ``type`` is the code
as a URN. Further members depend on the code.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from stocktrail.commands.scripts.named_errors import NamedErrors
from stocktrail.commands.scripts.validation_errors import (
    code_of,
    escape_surrogates,
    pointer,
    unlike_an_id,
)
from stocktrail.interfaces.service.problem_status import STORAGE_STATUS, status_of_refusal
from stocktrail.ledger.base.event import UnknownEvent
from stocktrail.ledger.refusal import MOST_NAMED, Refusal
from stocktrail.ledger.spelling import MAX_WRITTEN
from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.time_limit import OutOfTime

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An error of a request, as the client gets it: status, code, sentence and further members."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers: dict[str, str] = dict(headers or {})
        self.more = more

    def as_json(self) -> dict[str, Any]:
        """Return the problem as a JSON object."""
        return {
            "type": f"urn:stocktrail:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase, "status": self.status, "code": self.code,
            "detail": self.detail, **self.more,
        }

    def response(self) -> Response:
        """Return the problem as a response."""
        return Response(
            orjson.dumps(self.as_json(), default=str), self.status, self.headers, MEDIA_TYPE
        )


ShowProblem = Callable[[Request, Problem], Response | None]
"""Returns a problem as a page where the request asked for one, else ``None``."""


def problem_of_refusal(refusal: Refusal) -> Problem:
    """Return the problem of a refused question."""
    status = status_of_refusal(refusal.code)
    return Problem(status, refusal.code, refusal.message, details=refusal.details)


def problem_of_storage_error(error: StorageError) -> Problem:
    """Return the problem of a failed database (503): sending the request again is safe."""
    return Problem(STORAGE_STATUS, error.code, error.message, headers={"Retry-After": "1"})


def wrong_in(where: str, error: ValidationError) -> RequestValidationError:
    """Return what a model refuses as errors of a part of the request, such as ``query``."""
    return RequestValidationError(
        [{**each, "loc": (where, *each["loc"])} for each in error.errors()]
    )


def problem_of_validation_error(error: RequestValidationError) -> Problem:
    """Return the problem of wrong parameters (422), with an error for each."""
    found = error.errors()
    errors = NamedErrors.of(map(_parameter_error, found[:MOST_NAMED]), len(found))
    more: dict[str, Any] = {"error_count": errors.total} if errors.total > len(errors) else {}
    return Problem(422, "bad_parameter", errors.sentence(), errors=list(errors), **more)


def _parameter_error(error: Mapping[str, Any]) -> dict[str, str]:
    where, *path = error["loc"]
    name = ".".join(escape_surrogates(part) for part in path) or str(where)
    kind, message = code_of(error), str(error["msg"])
    if kind == "string_pattern_mismatch":
        kind, message = _wrong_text(str(error.get("input", "")))
    if kind == "extra_forbidden":
        kind, sentence = "unknown_parameter", f"{name} is not a parameter of this question."
    elif kind == "missing":
        sentence = f"{name} is missing."
    else:
        message = unlike_an_id(kind) or message
        sentence = f"{name}: {message[:1].lower()}{message[1:]}."
    return {"parameter": name, "in": str(where), "pointer": pointer(tuple(path)), "code": kind,
            "message": sentence.replace("..", ".")}


def _wrong_text(written: str) -> tuple[str, str]:
    """Return what is wrong with a text whose pattern is one without control characters."""
    if not written:
        return "string_too_short", "must not be empty"
    if len(written) > MAX_WRITTEN:
        return "string_too_long", f"must have at most {MAX_WRITTEN:,} characters"
    return "control_character", "must not contain control characters"


_OF_STATUS = {
    404: ("unknown_route", "There is nothing at this address; see /openapi.json."),
    405: ("method_not_allowed", "This address does not take this method; Allow names those it "
                                "does."),
}


def _problem_of_http_error(error: HTTPException) -> Problem:
    code, detail = _OF_STATUS.get(error.status_code, ("bad_request", str(error.detail)))
    return Problem(error.status_code, code, detail, headers=error.headers)


def problem_of(error: Exception) -> Problem:
    """Return the problem of an error; an unexpected exception becomes a 500 without details."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refusal):
        return problem_of_refusal(error)
    if isinstance(error, StorageError):
        return problem_of_storage_error(error)
    if isinstance(error, RequestValidationError):
        return problem_of_validation_error(error)
    if isinstance(error, HTTPException):
        return _problem_of_http_error(error)
    if isinstance(error, OutOfTime):
        return Problem(503, error.code, str(error), headers={"Retry-After": "5"})
    if isinstance(error, UnknownEvent):
        return Problem(STORAGE_STATUS, error.code, str(error))
    return Problem(
        500, "unexpected", "Something went wrong that is not your fault; the log of the service "
        "says more under the id of this request.",
    )


EXPECTED: tuple[type[Exception], ...] = (
    Problem, Refusal, StorageError, RequestValidationError, HTTPException, UnknownEvent, OutOfTime,
)
"""Errors with a problem of their own; any other exception is a bug, and is logged as one."""


async def answer(request: Request, error: Exception) -> Response:
    """Return the response to a request that raised an error."""
    problem = problem_of(error)
    request.scope.setdefault("state", {})["problem"] = problem.code
    return response_to(request, problem)


def response_to(request: Request, problem: Problem) -> Response:
    """Return a problem as a response: as a page, where the request asked for one, else as JSON."""
    show: ShowProblem = request.app.state.show_problem
    return show(request, problem) or problem.response()


def install(application: FastAPI, show: ShowProblem) -> None:
    """Install the handlers that answer every error of an application with a problem."""
    application.state.show_problem = show
    for kind in (*EXPECTED, Exception):
        application.add_exception_handler(kind, answer)
