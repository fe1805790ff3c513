"""Recording that a customer was told (rule 5.10): of which lines, and how."""

import pytest

from stocktrail.ledger.store import Ledger
from tests.commands.scenes import backorders, given, order, product, receive, ship, when


@pytest.fixture
def waits(ledger: Ledger) -> Ledger:
    """An order with a line that is allocated and one that waits."""
    given(ledger, product(), backorders(), receive(3), order("SO-1", 3, 4))
    return ledger


def test_a_telling_names_the_lines_and_how(waits: Ledger) -> None:
    told = when(
        waits, command="mark-told", order="SO-1", lines=[{"line": 2}], how="phone", note="will wait"
    )
    (event,) = told.events
    assert event["type"] == "CustomerTold"
    assert event["data"] == {
        "order": "SO-1", "how": "phone", "note": "will wait",
        "lines": [{"line": 2, "sku": "A", "told_date": None, "nobody_knows": False}],
    }


def test_without_lines_all_are_told_of_that_are_still_to_come(waits: Ledger) -> None:
    given(waits, ship("SO-1", "S-1"))
    told = when(waits, command="mark-told", order="SO-1", how="e-mail")
    assert [part["line"] for part in told.events[0]["data"]["lines"]] == [2]


def test_whoever_is_told_twice_was_told_twice(waits: Ledger) -> None:
    for _ in range(2):
        told = when(waits, command="mark-told", order="SO-1", how="letter")
        assert (told.status, len(told.events)) == ("accepted", 1)


def test_of_what_is_gone_there_is_nothing_to_tell(waits: Ledger) -> None:
    given(waits, ship("SO-1", "S-1"))
    line = when(waits, command="mark-told", order="SO-1", lines=[{"line": 1}], how="phone")
    assert (line.status, line.code) == ("rejected", "nothing_to_tell")
    assert "line 1 (A)" in str(line.message)
    given(waits, {"command": "cancel-order", "order": "SO-1"})
    whole = when(waits, command="mark-told", order="SO-1", how="phone")
    assert (whole.status, whole.code) == ("rejected", "nothing_to_tell")


def test_who_is_told_of_what_is_nobody_s_guess(waits: Ledger) -> None:
    unknown = when(waits, command="mark-told", order="SO-9", how="phone")
    assert unknown.code == "unknown_order"
    beyond = when(waits, command="mark-told", order="SO-1", lines=[{"line": 7}], how="phone")
    assert beyond.code == "unknown_line"
    shouted = when(waits, command="mark-told", order="SO-1", how="shouted")
    assert shouted.status == "invalid"
