"""Questions over HTTP: each has a GET of its own, which is made of its model.

Nothing is written here for a new question. The fields that its address names are the path
parameters, the others the query parameters, and its answer type describes the response.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from inspect import Parameter, Signature, getdoc
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from starlette.responses import Response

from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.api.responses import IF_NONE_MATCH, answer_responses
from stocktrail.interfaces.every_question import AnyQuestion, every_question
from stocktrail.interfaces.service.access import is_admin
from stocktrail.interfaces.service.answers import answered, as_json
from stocktrail.interfaces.service.problems import Problem, problem_of_refusal, wrong_in
from stocktrail.interfaces.service.service import Service, service_of
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.question import OfQuantity, Paged, Question, Report, Scope

_MOST_POSITION = 10**15
_QUERY = "query"

_FORMER_ADDRESSES = {
    "explain-order": "/explain/orders/{order}",
    "explain-promise": "/explain/orders/{order}/lines/{line}",
}
"""Addresses that were served before, which go on answering and are not described any more."""


class QueryParameters(BaseModel):
    """The query parameters of a question; one that it does not know is refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class FreshnessParameters(QueryParameters):
    """What HTTP adds to the parameters of questions that the read models answer."""

    at_least: int | None = Field(
        default=None, ge=0, le=_MOST_POSITION,
        description="Wait until the read models have come to this position, such as the Position "
        "of a command's answer.",
    )


def router_of(scope: Scope) -> APIRouter:
    """Return the routes of all questions that take a scope."""
    router = APIRouter(route_class=PositionHeaderRoute)
    for question in every_question():
        if question.address is not None and question.scope == scope:
            add_question(router, question, question.address)
    return router


def add_question(router: APIRouter, question: AnyQuestion, address: str) -> None:
    """Add the route of a question: parameters, responses and description follow from its model."""
    endpoint = _endpoint_of(question, _path_fields(question, address))
    if question.question in _FORMER_ADDRESSES:
        former = _FORMER_ADDRESSES[question.question]
        router.get(_route(question, former), include_in_schema=False)(endpoint)
    fields = question.answer_type.model_fields
    is_tagged = "as_of" in fields and "version" in fields
    router.get(
        _route(question, address), operation_id=question.question, tags=[question.tag],
        response_model=question.answer_type,
        responses=answer_responses(has_position="as_of" in fields, has_tag=is_tagged),
        openapi_extra=IF_NONE_MATCH if is_tagged else None,
    )(endpoint)


def _route(question: AnyQuestion, address: str) -> str:
    """Return an address as a route: an id in it may hold a slash, written %2F."""
    for name, field in _path_fields(question, address).items():
        if field.annotation is str:
            address = address.replace(f"{{{name}}}", f"{{{name}:id}}")
    return address


def _path_fields(question: AnyQuestion, address: str) -> Mapping[str, FieldInfo]:
    return {name: question.model_fields[name] for name in re.findall(r"{(\w+)}", address)}


def _endpoint_of(
    question: AnyQuestion, path_fields: Mapping[str, FieldInfo]
) -> Callable[..., Awaitable[Response]]:
    """Return the handler of a question, with the signature that FastAPI reads parameters from."""

    async def endpoint(request: Request, **given: Any) -> Response:
        query: BaseModel | None = given.pop(_QUERY, None)
        if query is not None:
            given |= {name: getattr(query, name) for name in query.model_fields_set}
        at_least = given.pop("at_least", None)
        return await ask(request, _asked(question, given), at_least=at_least)

    parameters = {"request": Request} | {
        name: Annotated[_as_text(field), Path(description=field.description)]
        for name, field in path_fields.items()
    }
    if (query := _query_of(question, path_fields)) is not None:
        parameters[_QUERY] = Annotated[query, Query()]
    endpoint.__name__ = question.question.replace("-", "_")
    endpoint.__doc__ = getdoc(question)
    endpoint.__signature__ = Signature([  # type: ignore[attr-defined]
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation)
        for name, annotation in parameters.items()
    ])
    return endpoint


def _query_of(
    question: AnyQuestion, path_fields: Mapping[str, FieldInfo]
) -> type[BaseModel] | None:
    """Return the model of the query parameters of a question, ``None`` if it has none."""
    fields: dict[str, Any] = {
        name: (_as_text(field), Field(
            default=field.default, alias=field.alias or _alias_of(field),
            description=field.description,
        ))
        for name, field in question.model_fields.items() if name not in path_fields
    }
    base = FreshnessParameters if "as_of" in question.answer_type.model_fields else QueryParameters
    if not fields and base is QueryParameters:
        return None
    return create_model(f"{question.__name__}Query", __base__=base, **fields)


def _alias_of(field: FieldInfo) -> str | None:
    return field.validation_alias if isinstance(field.validation_alias, str) else None


def _as_text(field: FieldInfo) -> Any:
    """Return the type of a parameter, without what turns other values of Python into text."""
    rules = [rule for rule in field.metadata if not isinstance(rule, BeforeValidator)]
    return Annotated[field.annotation, *rules] if rules else field.annotation


def _asked(question: AnyQuestion, given: Mapping[str, Any]) -> Question[Any]:
    try:
        return question.model_validate(given)
    except ValidationError as error:
        raise wrong_in(_QUERY, error) from None


async def ask(request: Request, question: Question[Any], *, at_least: int | None) -> Response:
    """Answer a question, at least as fresh as is asked for.

    A refusal carries the position that it was judged at: the one that was asked about, else one
    that the read models had certainly come to.
    """
    service = service_of(request)
    question = question.seen_by(is_admin=is_admin(request))
    if isinstance(question, Paged):
        question = question.model_copy(update={"limit": _rows(service, question.limit)})
    if isinstance(question, OfQuantity):
        _require_quantity(question)
    if at_least is not None:
        await service.wait_for_read_models(at_least)
    known = service.follower.position

    def judged(models: ReadModels) -> Report:
        try:
            return question.answer(models)
        except Refusal as refusal:
            if "as_of" not in question.answer_type.model_fields:
                raise
            as_of = question.position(models)
            problem = problem_of_refusal(refusal)
            problem.headers["Position"] = str(known if as_of is None else as_of)
            raise problem from refusal

    report = await service.ask(judged, past=question.is_past, receive=request.receive)
    response = answered(request, report) if "as_of" in report else as_json(report)
    if question.is_personal:
        response.headers["Cache-Control"] = "no-store"
    return response


def _rows(service: Service, limit: int | None) -> int:
    """Return how many rows a page has. Raises a problem ``bad_limit`` for too many."""
    most = service.settings.most_rows
    if limit is not None and limit > most:
        raise Problem(422, "bad_limit", f"A page has at most {most} rows, not {limit}.")
    return min(limit or service.settings.default_rows, most)


def _require_quantity(question: OfQuantity) -> None:
    """Raise a problem ``not_positive`` before anything is waited for."""
    try:
        question.units()
    except Refusal as refusal:
        raise Problem(422, refusal.code, refusal.message) from None
