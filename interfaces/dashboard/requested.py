"""Parts of a request: its path, the format of the answer, and parameters in addresses."""

from collections.abc import Iterable
from urllib.parse import quote

from fastapi import Request


def path_of(request: Request) -> str:
    """Return the path of a request, encoded, and never an address of another host."""
    asked: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return "/" + quote(asked.partition(b"?")[0], safe="/%").lstrip("/")


def wanted_format(request: Request) -> str:
    """Return the format of the answer: by ``format``, else by Accept, else ``html``."""
    asked = request.query_params.get("format", "")
    if asked in ("html", "json", "csv"):
        return asked
    accept = request.headers.get("accept", "")
    if "text/html" in accept:
        return "html"
    return "json" if "application/json" in accept else "csv" if "text/csv" in accept else "html"


def written(asked: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    """Return values as parameters: a list as several, ``True`` as 1, ``False`` and ``None`` as "".

    >>> written([("facet", ["a", "b"]), ("late", True), ("item", None)])
    [('facet', 'a'), ('facet', 'b'), ('late', '1'), ('item', '')]
    """
    found = []
    for name, value in asked:
        for each in value if isinstance(value, (list, tuple)) else [value]:
            text = "1" if each is True else "" if each is None or each is False else str(each)
            found.append((name, text))
    return found
