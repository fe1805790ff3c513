"""Cursors: a page goes on where the one before ended, and nowhere else."""

from base64 import urlsafe_b64encode
from types import NoneType
from typing import Any

import orjson
import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.cursor import Kind, read_cursor, write_cursor

KINDS: list[Kind] = [(NoneType, int, float), str]


def cursor_of(value: Any) -> str:
    """Return any JSON value as a cursor holds it."""
    return urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@pytest.mark.parametrize("key", [(7, "A"), (2.5, "LAMP/é"), (None, "")])
def test_a_page_goes_on_after_the_key_that_the_one_before_ended_with(
    key: tuple[Any, ...]
) -> None:
    cursor = write_cursor(["backordered", True], key)
    assert read_cursor(["backordered", True], cursor, KINDS) == key


def test_the_first_page_goes_on_after_nothing() -> None:
    assert read_cursor(["history"], None, KINDS) is None


@pytest.mark.parametrize("written", [
    ["backordered", True, 7, "A"], ["stock", 7, "A"], ["history", 7], ["history", 7, "A", 1],
    ["history", "7", "A"], ["history", True, "A"], ["history", 7, "A\0"], ["history", 1 << 63, "A"],
    [], {}, {"history": 7}, "history", 7, None,
])
def test_a_cursor_that_no_page_of_the_list_gave_is_refused(written: Any) -> None:
    with pytest.raises(Refusal) as refused:
        read_cursor(["history"], cursor_of(written), KINDS)
    assert refused.value.code == "bad_page"


@pytest.mark.parametrize("written", ["nonsense", "", "=", "é", "WyJ"])
def test_what_is_no_cursor_is_refused(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_cursor(["history"], written, KINDS)
    assert refused.value.details == {"after": written}
