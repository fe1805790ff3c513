"""Addresses: how an id stands in a path. It may hold a slash, written %2F."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Path
from starlette.convertors import Convertor, register_url_convertor

from stocktrail.ledger.spelling import MAX_WRITTEN

NO_CONTROL = rf"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{{1,{MAX_WRITTEN}}}$"
"""What an id looks like, in whatever spelling it is asked for: no control characters."""


BEFORE_DOTS = "\x1f"
"""Stands before an id of nothing but dots, which a browser takes for a step up, however it is
encoded. No id holds this character."""


class IdConvertor(Convertor[str]):
    """Reads an id from one part of a path."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Decode what the middleware has left encoded (``path_to_route``)."""
        return (unquote(value) if "%" in value else value).removeprefix(BEFORE_DOTS)

    def to_string(self, value: str) -> str:
        """Write an id as part of a path."""
        return value


register_url_convertor("id", IdConvertor())


Sku = Annotated[str, Path(description="The item.", pattern=NO_CONTROL)]
OrderId = Annotated[str, Path(description="The order.", pattern=NO_CONTROL)]
PurchaseOrderId = Annotated[str, Path(description="The purchase order.", pattern=NO_CONTROL)]
