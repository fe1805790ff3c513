"""How deeply JSON is nested: what every reader can read, and no more, is recorded as JSON."""

import pytest

from stocktrail.ledger.nesting import MOST_NESTED, is_nested_deeply


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_so_many_levels_are_read_and_one_more_is_not(opening: bytes, closing: bytes) -> None:
    def nested(levels: int) -> bytes:
        return opening * levels + b"1" + closing * levels

    assert not is_nested_deeply(nested(MOST_NESTED))
    assert is_nested_deeply(nested(MOST_NESTED + 1))


def test_levels_are_counted_and_not_brackets() -> None:
    assert not is_nested_deeply(b"[" + b"[],{}," * MOST_NESTED + b"[]]")


@pytest.mark.parametrize("text", [b"[" * 500, b'\\"' + b"{[" * 500, b"]" * 500 + b"[" * 500])
def test_what_stands_in_a_text_is_no_level(text: bytes) -> None:
    assert not is_nested_deeply(b'["' + text + b'", 1]')


def test_a_text_without_an_end_is_no_level_either() -> None:
    assert not is_nested_deeply(b'["' + b"[" * 500)
