"""Choices of forms: what a field may hold, from the ledger, while somebody types."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path
from starlette.responses import Response

from stocktrail.commands import COMMANDS
from stocktrail.interfaces.dashboard.form_fields import fields_of
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.answers.field_kinds import chosen_by
from stocktrail.projections.answers.form_choices import (
    TYPED,
    TypedKind,
    found_choices,
    listed_choices,
)

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_MOST_TYPED = 200


class FormChoices(NamedTuple):
    """What the fields of a command may hold: names that are listed, and kinds that are typed."""

    command: str
    listed: Mapping[str, Sequence[str]]

    def of(self, field: str) -> tuple[str | None, Sequence[str]]:
        """Return the kind of which a field names one by typing, and the names that it may hold.

        >>> FormChoices("receive-stock", {"source": ["north"]}).of("source")
        (None, ['north'])
        >>> FormChoices("register-product", {}).of("sku"), FormChoices("ship-order", {}).of("order")
        ((None, ()), ('order', ()))
        """
        kind = chosen_by(self.command, field)
        return (kind, ()) if kind in TYPED else (None, self.listed.get(kind or "", ()))

    def typed(self) -> Sequence[str]:
        """Return the kinds of which fields of the command name one by typing."""
        names = [name for field in fields_of(COMMANDS[self.command])
                 for name in (field.name, *(part.name for part in field.parts))]
        return sorted({kind for kind, _ in map(self.of, names) if kind})


async def choices_of(request: PageRequest, command: str) -> FormChoices:
    """Return the choices for the fields of a command."""
    return FormChoices(command, await request.ask(listed_choices))


@router.get("/view/choices/{kind}")
async def choices(kind: Annotated[TypedKind, Path()], request: MayRead) -> Response:
    """The choices for what was typed, which is the value of the input, whatever its name."""
    typed = next(iter(request.query.values()), "")[:_MOST_TYPED]
    found = await request.ask(partial(found_choices, kind=kind, text=typed))
    return request.render("choices.html", title="Choices", choices=found)
