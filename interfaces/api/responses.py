"""What routes say of their responses, in the form that FastAPI's ``responses=`` takes."""

from typing import Any

from stocktrail.interfaces.api.shapes.results import ProblemReport, ResultReport

Schema = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]

JSON_LINES = "application/jsonl"

POSITION: dict[str, Schema] = {"Position": {
    "description": "The position of the log that the answer is about.",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}}
ETAG: dict[str, Schema] = {"ETag": {
    "description": "Changes with the content; send it as If-None-Match.",
    "schema": {"type": "string"},
}}
IF_NONE_MATCH: Schema = {"parameters": [{
    "name": "If-None-Match", "in": "header", "required": False,
    "description": "An ETag of an earlier answer.", "schema": {"type": "string"},
}]}
"""What routes say, as ``openapi_extra=``, whose answers have an ETag."""

_IDEMPOTENCY_HIT: dict[str, Schema] = {"Idempotency-Hit": {
    "description": "Present, and true, when the id was known: this is the first answer again.",
    "schema": {"type": "string", "enum": ["true"]},
}}

_PROBLEMS = {
    400: "The body is not JSON, or the request makes no sense.",
    401: "A token is needed, or the one shown is not known.",
    403: "The token does not cover this.",
    404: "What the address names is not there.",
    408: "The request did not come in time.",
    409: "Refused by the state of the ledger, or the log has not come to that position.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken here.",
    421: "The service does not answer under this name.",
    422: "It can never be right as it is, or its id was used for something else.",
    429: "You have as many streams open as one client may have.",
    431: "The line and the headers of the request are too large together.",
    503: "The database failed, the read models are behind, or the question took too long; "
    "repeating is safe.",
}

PROBLEMS: Responses = {
    status: {"$ref": f"#/components/responses/Problem{status}", "description": description}
    for status, description in _PROBLEMS.items()
}
"""The problems that any operation may end in."""

PROBLEM_COMPONENTS: dict[str, Schema] = {
    f"Problem{status}": {
        "description": description,
        "content": {"application/problem+json": {
            "schema": {"$ref": f"#/components/schemas/{ProblemReport.__name__}"},
        }},
    }
    for status, description in _PROBLEMS.items()
}
"""The components that :data:`PROBLEMS` refers to."""


def results(*, of_many: bool = False) -> Responses:
    """Return the responses of a route of commands; ``of_many`` adds the results of JSON Lines."""
    unchanged = "It changed nothing: known already, a dry run, or as it was."
    lines: Schema = {JSON_LINES: {"schema": {
        "type": "string", "description": "One result a line, in the order of the rows.",
    }}}
    headers = POSITION | _IDEMPOTENCY_HIT
    return {
        200: {
            "description": unchanged + (
                " Of JSON Lines: the results, as they are recorded." if of_many else ""
            ),
            "headers": headers, "content": lines if of_many else {},
        },
        201: {"model": ResultReport, "description": "It is recorded.", "headers": headers},
    }


def answer_responses(*, has_position: bool, has_tag: bool) -> Responses:
    """Return the responses of a route that answers with a report."""
    headers = (POSITION if has_position else {}) | (ETAG if has_tag else {})
    responses: Responses = {200: {"description": "The answer."}}
    if headers:
        responses[200]["headers"] = headers
    if has_tag:
        responses[304] = {"description": "The content is the one that is known."}
    return responses
