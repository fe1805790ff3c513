"""The parameters of a page that asks no question of its own."""

from typing import Annotated, ClassVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict


class PageParameters(BaseModel):
    """The parameters of every page; unknown parameters are refused.

    :class:`~stocktrail.interfaces.dashboard.page_request.PageRequest` reads them: the moment that
    the page shows, the day that is today, what was just recorded, and the format of the answer. A
    ``limit`` that a link carries is ignored.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    as_of: str = ""
    occurred_as_of: str = ""
    today: str = ""
    recorded: str = ""
    format: str = ""
    limit: str = ""


Plain = Annotated[PageParameters, Query()]
"""The parameters of a page that has none of its own."""
