"""Addresses: ids as parts of a path. An id may hold a slash, written %2F."""

from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor

BEFORE_DOTS = "\x1f"
"""Precedes an id that consists of dots, which browsers would resolve as a step up, even encoded.
No id holds this character."""


class IdConvertor(Convertor[str]):
    """Converts one part of a path to an id."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Decode what the middleware has left encoded (``path_to_route``)."""
        return (unquote(value) if "%" in value else value).removeprefix(BEFORE_DOTS)

    def to_string(self, value: str) -> str:
        """Return an id as a part of a path."""
        return value


def register_id_convertor() -> None:
    """Let routes name an id as ``{sku:id}``; a module with such routes calls it first."""
    register_url_convertor("id", IdConvertor())
