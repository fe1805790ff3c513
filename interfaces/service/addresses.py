"""Addresses: how an id stands in a path. It may hold a slash, written %2F."""

from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor

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


def register_id_convertor() -> None:
    """Let routes name an id as ``{sku:id}``; a module with such routes calls it first."""
    register_url_convertor("id", IdConvertor())
