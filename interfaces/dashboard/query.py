"""What every page may be asked with."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict


class PageAsked(BaseModel):
    """The parameters of every page; unknown parameters are refused.

    :class:`~stocktrail.interfaces.dashboard.page_request.PageRequest` reads these: the moment that
    the page shows, the day that is today, what was just recorded, and the format of the answer.
    """

    model_config = ConfigDict(extra="forbid")

    as_of: str = ""
    occurred_as_of: str = ""
    today: str = ""
    recorded: str = ""
    format: str = ""


class WholeAsked(PageAsked):
    """What a page is asked with that shows all there is, whatever ``limit`` a link carries."""

    limit: str = ""


Plain = Annotated[WholeAsked, Query()]
"""A page that is asked nothing of its own."""
