"""Rule 4.2: ids are compared in composed form, no white space at an end, nothing invisible."""

import re

import pytest

from stocktrail.ledger.spelling import ID_PATTERN, composed, known_spelling, spellings, tidied

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize("written", ["A-1", COMPOSED, DECOMPOSED])
def test_every_spelling_of_a_text_is_composed_to_one(written: str) -> None:
    assert {composed(each) for each in spellings(written)} == {composed(written)}
    assert spellings(written)[0] == written, "as it is written goes first"


def test_ascii_has_one_spelling_only() -> None:
    assert spellings("A-1") == ("A-1",)
    assert spellings(DECOMPOSED) == (DECOMPOSED, COMPOSED)


@pytest.mark.parametrize("known", [COMPOSED, DECOMPOSED])
def test_an_id_is_found_in_the_spelling_in_which_it_is_known(known: str) -> None:
    assert {known_spelling(each, {known}.__contains__) for each in spellings(known)} == {known}


def test_what_is_known_in_two_spellings_is_found_as_it_is_written() -> None:
    both = {COMPOSED, DECOMPOSED}
    assert [known_spelling(each, both.__contains__) for each in sorted(both)] == sorted(both)


def test_what_is_known_in_none_is_composed() -> None:
    assert known_spelling(DECOMPOSED, set[str]().__contains__) == COMPOSED
    assert known_spelling("A-1", set[str]().__contains__) == "A-1"


@pytest.mark.parametrize(
    "written", [" A", "A ", "A\u00a0", "A\u200bB", "A\x00", "\u2028A", "\ufeff"]
)
def test_what_nobody_sees_is_no_part_of_an_id(written: str) -> None:
    assert re.fullmatch(ID_PATTERN, written) is None
    assert written in ("\ufeff",) or re.fullmatch(ID_PATTERN, tidied(written))


@pytest.mark.parametrize("written", ["A", "A B", COMPOSED, "\U0001f600", "A/B"])
def test_what_can_be_seen_is(written: str) -> None:
    assert re.fullmatch(ID_PATTERN, written)
    assert tidied(written) == written
