"""Addresses of the API: ids as parts of a path, as browsers and programs encode them."""

from collections.abc import Iterator
from urllib.parse import quote, unquote

from fuzzing.choices import Choices
from fuzzing.oracle import outcome_of, require
from stocktrail.interfaces.service.address_encoding import check_is_text, path_to_route
from stocktrail.interfaces.service.addresses import BEFORE_DOTS, IdConvertor

MOST_BYTES = 256
WORDS = (
    b"%2F", b"%2f", b"%25", b"%00", b"%ED%A0%80", b"%FF", b"/stock/", b"..", b"?", b"%1F", b"//",
)


def target(data: bytes) -> None:
    """Route a path as it is, and one that holds an id of the input's bytes."""
    choices = Choices(data)
    written = choices.text(80).encode("utf-8", "replace").decode().replace("\0", "")
    raw, query = choices.some_bytes(120), choices.rest()
    scope = {
        "raw_path": raw, "path": unquote(raw.decode("latin-1")), "query_string": query,
    }
    if check_is_text(scope) is None:
        require("\0" not in path_to_route(scope), "a path that is text stays text", raw)
    if written and not written.startswith(BEFORE_DOTS):
        encoded = "/stock/" + quote(written, safe="")
        scope = {
            "raw_path": encoded.encode(), "path": unquote(encoded), "query_string": b"",
        }
        require(check_is_text(scope) is None, "an id is text", written)
        part = path_to_route(scope).removeprefix("/stock/")
        require("/" not in part, "an id is one part of the path", written, part)
        found = outcome_of(lambda: IdConvertor().convert(part))
        require(found == ("result", written), "an id comes back from its address", written, part)


def seeds() -> Iterator[bytes]:
    """Yield ids with slashes and percent signs, and paths that are no text."""
    for written, raw in (
        (b"A/B", b"/stock/A%2FB"), (b"50%", b"/stock/50%25"), (b"..", b"/stock/%1F.."),
        (b"a%2Fb", b"/stock/a%252Fb/history"), ("é".encode(), b"/stock/%C3%A9"), (b"x", b"/%FF%00"),
    ):
        yield bytes([len(written)]) + written + bytes([len(raw)]) + raw + b"as_of=2026-03-01"
