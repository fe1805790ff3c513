"""What every page may be asked with."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict


class PageAsked(BaseModel):
    """What any page may be asked with; a parameter that it does not know is refused.

    The visit reads what stands here (see :mod:`stocktrail.interfaces.dashboard.page_request`): the
    moment that is looked at, the day that is today, what was just recorded, and how the answer is
    wanted.
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
