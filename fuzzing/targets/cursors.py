"""Cursors of pages: whatever a client hands back is a key of the list, or refused."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fuzzing.choices import Choices
from fuzzing.oracle import outcome_of, require
from stocktrail.projections.answers.cursor import Kind, read_cursor, write_cursor

MOST_BYTES = 256
WORDS = (
    b'["history",', b"null]", b"1e400", b"9223372036854775808", b"-1", b"1.5",
    b'"\\u0000"', b"W10",
)

_KINDS: tuple[list[Kind], ...] = (
    [int, int], [str], [str, int], [(int, type(None)), str], [(float, int)], [],
)
_KEYS: tuple[list[Any], ...] = ([3, 1], ["A"], ["A", 2], [None, "A"], [0.5], [])
_LISTED: tuple[list[Any], ...] = (["history"], [], ["stock", "sku", True], [1])


def target(data: bytes) -> None:
    """Read a cursor as it is, and read back one that was written from its bytes."""
    choices = Choices(data)
    listed, kinds = choices.one_of(_LISTED), choices.one_of(_KINDS)
    text = choices.rest().decode("utf-8", "surrogateescape")
    found, key = outcome_of(lambda: read_cursor(listed, text, kinds))
    if found == "result":
        require(len(key) == len(kinds), "a key has the parts of its list", key)
        written = write_cursor(listed, key)
        again = read_cursor(listed, written, kinds)
        require(again == key, "a cursor is read back", key, again)
        require(quote(written, safe="") == written, "a cursor needs no encoding", written)
    row: tuple[Any, ...] = (len(text), text.encode("utf-8", "replace").decode().replace("\0", ""))
    again = read_cursor(["list"], write_cursor(["list"], row), [int, str])
    require(again == row, "the key of a row is read back", row, again)


def seeds() -> Iterator[bytes]:
    """Yield cursors of each kind, right ones and wrong ones."""
    for place, listed in enumerate(_LISTED):
        for number, key in enumerate(_KEYS):
            yield bytes((place, number)) + write_cursor(listed, key).encode()
    yield b"\0\0" + write_cursor(["history"], [2**63, 1]).encode()
