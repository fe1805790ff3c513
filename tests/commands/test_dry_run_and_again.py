"""Trying without recording, and sending again: nothing counts twice, and nothing by accident."""

from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands.scenes import (
    given,
    levels,
    on_hand,
    order,
    product,
    receive,
    script,
    send,
    send_text,
    statuses,
    types,
    when,
)


def test_a_dry_run_records_nothing_and_says_what_it_was_judged_at(ledger: Ledger) -> None:
    given(ledger, product(), receive(5))
    (result,) = send(ledger, {"id": "c-1", **order("SO-1", 3)}, dry_run=True)
    assert (result.status, types(result)) == ("accepted", ["OrderPlaced", "StockReserved"])
    assert result.as_json()["dry_run"] is True
    assert result.as_json()["judged_at"] == 2
    assert ledger.head().position == 2
    assert ledger.outcome("c-1") is None
    assert levels(ledger, "A").demand == 0
    assert when(ledger, id="c-1", **order("SO-1", 3)).status == "accepted"


def test_a_row_of_a_dry_run_sees_those_before_it(ledger: Ledger) -> None:
    results = send(ledger, product(), receive(5), order("SO-1", 3), order("SO-2", 3), dry_run=True)
    assert statuses(results) == ["accepted", "accepted", "accepted", "rejected"]
    assert results[3].details["shortfall"] == 1


def test_every_answer_of_a_dry_run_says_that_it_is_one(ledger: Ledger) -> None:
    given(ledger, {"id": "c-1", **product()})
    results = send(
        ledger, {"id": "c-1", **product()}, {"id": "c-1", **product("B")}, receive("x"),
        receive(1, "NOBODY"), {"group": "g", **receive(1)}, {"group": "g", **receive("x")},
        dry_run=True,
    )
    assert statuses(results) == [
        "duplicate", "conflict", "invalid", "rejected", "group_failed", "invalid"
    ]
    assert {result.judged_at for result in results} == {1}
    stopped = send(ledger, receive("x"), receive(1), mode="stop", dry_run=True)
    assert [result.judged_at for result in stopped] == [1, 1]


def test_a_refusal_in_a_dry_run_is_not_sticky(ledger: Ledger) -> None:
    given(ledger, product())
    assert statuses(send(ledger, {"id": "c-1", **order("SO-1", 1)}, dry_run=True)) == ["rejected"]
    given(ledger, receive(1))
    assert when(ledger, id="c-1", **order("SO-1", 1)).status == "accepted"


def test_a_dry_run_of_an_atomic_run_or_a_group_answers_like_the_real_one(ledger: Ledger) -> None:
    rows = [product(), receive(1), order("SO-1", 2)]
    dry = send(ledger, *rows, mode="atomic", dry_run=True)
    assert statuses(dry) == statuses(send(ledger, *rows, mode="atomic"))


def test_a_ledger_that_cannot_be_written_can_be_tried_on(database_url: str) -> None:
    with open_ledger(database_url) as ledger:
        given(ledger, product(), receive(5))
    with open_ledger(database_url, read_only=True) as ledger:
        assert statuses(send(ledger, order("SO-1", 5), dry_run=True)) == ["accepted"]


# ---------------------------------------------------------------- sending again


def test_a_whole_script_sent_again_changes_nothing(ledger: Ledger) -> None:
    text = script(product(), receive(5), receive(5), order("SO-1", 3), order("SO-2", 99))
    first = send_text(ledger, text)
    head = ledger.head()
    again = send_text(ledger, text)
    assert statuses(first) == ["accepted"] * 4 + ["rejected"]
    assert statuses(again) == ["duplicate"] * 4 + ["rejected"]
    assert [result.events for result in again] == [result.events for result in first]
    assert ledger.head() == head


def test_a_script_that_was_cut_off_goes_on_where_it_was(ledger: Ledger) -> None:
    text = script(product(), receive(5), receive(5), receive(5))
    cut = text.splitlines(keepends=True)
    assert statuses(send_text(ledger, b"".join(cut[:2]))) == ["accepted"] * 2
    assert statuses(send_text(ledger, text)) == ["duplicate"] * 2 + ["accepted"] * 2
    assert on_hand(ledger, "A") == {"default": 15}


def test_a_script_cut_off_within_a_line_goes_on_where_it_was(ledger: Ledger) -> None:
    text = script(product(), receive(5), receive(7))
    assert statuses(send_text(ledger, text[:-9])) == ["accepted", "accepted", "invalid"]
    assert statuses(send_text(ledger, text)) == ["duplicate", "duplicate", "accepted"]
    assert on_hand(ledger, "A") == {"default": 12}


def test_the_same_line_twice_in_a_script_counts_twice(ledger: Ledger) -> None:
    send_text(ledger, script(product(), receive(5), receive(5)))
    assert on_hand(ledger, "A") == {"default": 10}


def test_another_run_counts_again(ledger: Ledger) -> None:
    given(ledger, product())
    text = script(receive(5))
    assert statuses(send_text(ledger, text, run="monday")) == ["accepted"]
    assert statuses(send_text(ledger, text, run="monday")) == ["duplicate"]
    assert statuses(send_text(ledger, text, run="tuesday")) == ["accepted"]
    assert statuses(send_text(ledger, text)) == ["accepted"]
    assert on_hand(ledger, "A") == {"default": 15}


def test_what_one_process_recorded_is_a_duplicate_for_another(database_url: str) -> None:
    text = script(product(), receive(5), order("SO-1", 3))
    with open_ledger(database_url) as one, open_ledger(database_url) as other:
        first = send_text(one, text)
        again = send_text(other, text)
        assert statuses(again) == ["duplicate"] * 3
        assert [result.as_json()["events"] for result in again] == [
            result.as_json()["events"] for result in first
        ]
        given(other, receive(1))
        assert when(one, **order("SO-2", 4)).code == "not_enough_salable"
