"""Groups and modes: what is recorded together or not at all, and what is not tried."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from stocktrail.commands.scripts.reading import Row, read_json_lines
from stocktrail.commands.scripts.submission import MAX_GROUP, submit
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    in_chunks,
    on_hand,
    order,
    product,
    read,
    receive,
    script,
    send,
    send_text,
    statuses,
    waiting,
    when,
)


def grouped(*commands: Command, group: str = "g") -> list[Command]:
    """Put commands into one group, with ids by their place."""
    return [
        {"id": f"{group}-{number}", "group": group, **command}
        for number, command in enumerate(commands, start=1)
    ]


def test_a_group_is_recorded_as_a_whole(ledger: Ledger) -> None:
    given(ledger, product())
    assert statuses(send(ledger, *grouped(receive(3), order("SO-1", 3)))) == ["accepted"] * 2


def test_each_member_sees_those_before_it(ledger: Ledger) -> None:
    given(ledger, product())
    results = send(ledger, *grouped(receive(3), order("SO-1", 2), order("SO-2", 2)))
    assert statuses(results) == ["group_failed", "group_failed", "rejected"]
    assert results[2].code == "not_enough_salable"
    assert results[2].details["shortfall"] == 1


def test_nothing_of_a_group_is_recorded_when_one_member_is_refused(ledger: Ledger) -> None:
    given(ledger, product(), receive(1))
    head = ledger.head()
    results = send(ledger, *grouped(receive(5), order("SO-1", 99), receive(7)), receive(2))
    assert statuses(results) == ["group_failed", "rejected", "group_failed", "accepted"]
    assert results[0].details == {"failed_line": 2}
    assert "line 2" in str(results[0].message)
    assert ledger.head().position == head.position + 1
    assert on_hand(ledger, "A") == {"default": 3}


def test_no_result_of_a_failed_group_names_a_position_that_is_not_there(ledger: Ledger) -> None:
    given(ledger, product())
    results = send(ledger, *grouped(receive(5), order("SO-1", 99), receive(7)))
    assert {result.position for result in results} == {1}
    assert {result.position for result in send(ledger, *grouped(
        receive(5), order("SO-1", 99), receive(7)
    ))} == {1}


def test_a_failed_group_is_sticky_with_the_refusal(ledger: Ledger) -> None:
    given(ledger, product())
    group = grouped(receive(5), order("SO-1", 99))
    assert statuses(send(ledger, *group)) == ["group_failed", "rejected"]
    given(ledger, receive(200))
    assert statuses(send(ledger, *group)) == ["group_failed", "rejected"]
    alone = when(ledger, id="g-1", **receive(5))
    assert alone.status == "group_failed"
    assert on_hand(ledger, "A") == {"default": 200}


def test_a_group_with_an_invalid_member_may_be_corrected(ledger: Ledger) -> None:
    given(ledger, product())
    results = send(ledger, *grouped(receive(5), receive("x")))
    assert statuses(results) == ["group_failed", "invalid"]
    assert results[0].details == {"failed_line": 2}
    assert statuses(send(ledger, *grouped(receive(5), receive(1)))) == ["accepted", "accepted"]


def test_a_group_with_a_conflict_may_be_corrected(ledger: Ledger) -> None:
    given(ledger, product(), {"id": "g-2", **receive(1)})
    results = send(ledger, *grouped(receive(5), receive(6)))
    assert statuses(results) == ["group_failed", "conflict"]
    assert results[1].details["field"] == "quantity"
    corrected = grouped(receive(5), receive(6))
    corrected[1]["id"] = "g-3"
    assert statuses(send(ledger, *corrected)) == ["accepted", "accepted"]


def test_a_group_sent_again_is_a_duplicate_and_may_have_grown(ledger: Ledger) -> None:
    given(ledger, product())
    send(ledger, *grouped(receive(5), receive(6)))
    results = send(ledger, *grouped(receive(5), receive(6), receive(7)))
    assert statuses(results) == ["duplicate", "duplicate", "accepted"]
    assert on_hand(ledger, "A") == {"default": 18}


def test_the_same_id_twice_in_a_group_counts_once(ledger: Ledger) -> None:
    given(ledger, product())
    one = {"id": "c-1", "group": "g", **receive(5)}
    assert statuses(send(ledger, one, one)) == ["accepted", "duplicate"]
    other = {"id": "c-2", "group": "g", **receive(5)}
    refused = {"id": "c-3", "group": "g", **order("SO-1", 99)}
    assert statuses(send(ledger, other, other, refused)) == [
        "group_failed", "group_failed", "rejected"
    ]
    assert on_hand(ledger, "A") == {"default": 5}


def test_what_was_there_before_the_group_stays_as_it_was(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), receive(3), order("SO-1", 5))
    before = waiting(ledger, "A")
    send(ledger, *grouped(
        receive(9), {"command": "cancel-order", "order": "SO-1"}, order("SO-2", 1, sku="NOBODY")
    ))
    assert waiting(ledger, "A") == before == {("SO-1", 1): (3, 2)}
    given(ledger, receive(1))
    assert waiting(ledger, "A") == {("SO-1", 1): (4, 1)}


def test_two_groups_that_follow_each_other_are_two(ledger: Ledger) -> None:
    given(ledger, product())
    results = send(
        ledger, *grouped(receive(1), receive("x"), group="g"), *grouped(receive(2), group="h")
    )
    assert statuses(results) == ["group_failed", "invalid", "accepted"]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_group_that_was_read_in_several_parts_is_one(ledger: Ledger, size: int) -> None:
    given(ledger, product())
    rows = read(script(receive(1), *grouped(receive(2), receive(3), order("SO-1", 99)), receive(4)))
    results = list(submit(ledger, in_chunks(rows, iter(lambda: size, 0))))
    assert statuses(results) == [
        "accepted", "group_failed", "group_failed", "rejected", "accepted"
    ]
    assert on_hand(ledger, "A") == {"default": 5}


def test_a_group_is_invisible_until_all_of_it_is_in(ledger: Ledger) -> None:
    given(ledger, product())
    rows = read(script(receive(1), *grouped(receive(2), receive(3))))
    seen: list[int] = []

    def arriving() -> Iterator[list[Row]]:
        for row in rows:
            yield [row]
            seen.append(ledger.head().position)

    assert statuses(submit(ledger, arriving())) == ["accepted"] * 3
    assert seen == [2, 2, 2]
    assert ledger.head().position == 4


# ---------------------------------------------------------------- lines that cannot be read


def test_a_group_whose_last_line_is_cut_off_is_not_recorded(ledger: Ledger) -> None:
    given(ledger, product())
    whole = script(*grouped(receive(5), receive(6)))
    results = send_text(ledger, whole[:-20])
    assert statuses(results) == ["group_failed", "invalid"]
    assert on_hand(ledger, "A") == {}
    assert statuses(send_text(ledger, whole)) == ["accepted", "accepted"]


def test_a_group_with_a_line_in_it_that_cannot_be_read_is_not_recorded(ledger: Ledger) -> None:
    given(ledger, product())
    first, second = grouped(receive(5), receive(6))
    results = send_text(ledger, script(first) + b"{nothing}\n" + script(second, receive(1)))
    assert statuses(results) == ["group_failed", "invalid", "group_failed", "accepted"]


def test_a_line_that_cannot_be_read_stands_alone_where_there_is_no_group(ledger: Ledger) -> None:
    given(ledger, product())
    results = send_text(ledger, script(receive(5)) + b"{nothing}\n\n" + script(receive(6)))
    assert statuses(results) == ["accepted", "invalid", "invalid", "accepted"]


def test_a_row_with_a_key_that_stands_twice_fails_its_own_group_and_no_other(
    ledger: Ledger,
) -> None:
    twice = b'{"command":"receive-stock","id":"c-2","group":"h","sku":"A","sku":"A"}\n'
    text = script(product(), *grouped(receive(1)), *grouped(receive(2), group="h")) + twice
    results = send_text(ledger, text)
    assert statuses(results) == ["accepted", "accepted", "group_failed", "invalid"]
    assert (results[3].id, results[3].command) == ("c-2", "receive-stock")
    assert [(each["pointer"], each["code"]) for each in results[3].errors] == [
        ("/sku", "duplicate_key")
    ]
    assert on_hand(ledger, "A") == {"default": 1}


def test_an_empty_line_ends_a_group(ledger: Ledger) -> None:
    given(ledger, product())
    one, other = grouped(receive(5)), grouped(receive(6), receive("x"), group="h")
    results = send_text(ledger, script(*one) + b"\n" + script(*other))
    assert statuses(results) == ["accepted", "invalid", "group_failed", "invalid"]


# ---------------------------------------------------------------- limits and modes


def many(count: int, **more: Any) -> bytes:
    """Write a script of many receipts."""
    return script(product(), *[{"id": f"c-{number}", **receive(1), **more}
                               for number in range(count)])


def test_a_group_of_10000_rows_is_recorded(ledger: Ledger) -> None:
    assert set(statuses(send_text(ledger, many(MAX_GROUP, group="g")))) == {"accepted"}


def test_a_group_of_more_rows_is_refused_and_names_the_line(ledger: Ledger) -> None:
    results = send_text(ledger, many(MAX_GROUP + 5, group="g") + script(receive(7)))
    assert statuses(results) == [
        "accepted", *["group_failed"] * MAX_GROUP, "invalid", *["group_failed"] * 4, "accepted"
    ]
    assert results[MAX_GROUP + 1].errors[0]["code"] == "group_too_large"
    assert {result.details["failed_line"] for result in results[1 : MAX_GROUP + 1]} == {
        MAX_GROUP + 2
    }
    assert on_hand(ledger, "A") == {"default": 7}


def test_an_atomic_run_of_more_rows_is_refused_without_keeping_them(ledger: Ledger) -> None:
    rows = read_json_lines(BytesIO(many(MAX_GROUP + 5)))
    results = list(submit(ledger, rows, mode="atomic"))
    assert len(results) == MAX_GROUP + 6
    assert {result.status for result in results} == {"group_failed", "invalid"}
    assert ledger.head().position == 0


def test_continue_tries_every_row(ledger: Ledger) -> None:
    results = send(ledger, receive(1), product(), receive("x"), receive(2))
    assert statuses(results) == ["rejected", "accepted", "invalid", "accepted"]


@pytest.mark.parametrize("wrong", [receive("x"), receive(1, "NOBODY")])
def test_stop_skips_what_comes_after_the_first_that_was_not_recorded(
    ledger: Ledger, wrong: Command
) -> None:
    rows = [product(), {"id": "c-2", **wrong}, {"id": "c-3", **receive(2)}, receive("x")]
    results = send(ledger, *rows, mode="stop")
    assert statuses(results)[0] == "accepted"
    assert statuses(results)[1] in ("invalid", "rejected")
    assert statuses(results)[2:] == ["skipped", "skipped"]
    assert when(ledger, id="c-3", **receive(2)).status == "accepted"


def test_stop_goes_on_after_a_duplicate(ledger: Ledger) -> None:
    given(ledger, {"id": "c-1", **product()})
    assert statuses(send(ledger, {"id": "c-1", **product()}, receive(1), mode="stop")) == [
        "duplicate", "accepted"
    ]


def test_stop_skips_the_rest_of_the_input_too(ledger: Ledger) -> None:
    rows = read(script(product(), receive(1, "NOBODY"), *grouped(receive(1), receive(2))))
    results = list(submit(ledger, [[row] for row in rows], mode="stop"))
    assert statuses(results) == ["accepted", "rejected", "skipped", "skipped"]


def test_atomic_records_all_or_nothing(ledger: Ledger) -> None:
    results = send(ledger, product(), receive(1), order("SO-1", 2), mode="atomic")
    assert statuses(results) == ["group_failed", "group_failed", "rejected"]
    assert ledger.head().position == 0
    assert statuses(send(ledger, {"id": "1", **product()}, {"id": "2", **receive(1)},
                         mode="atomic")) == ["accepted"] * 2


def test_atomic_with_a_line_that_cannot_be_read_records_nothing(ledger: Ledger) -> None:
    results = send_text(ledger, script(product()) + b"\xff\n" + script(receive(1)), mode="atomic")
    assert statuses(results) == ["group_failed", "invalid", "group_failed"]
    assert ledger.head().position == 0


def test_a_group_that_is_no_text_fails_the_group_that_it_stands_in(ledger: Ledger) -> None:
    given(ledger, product())
    one = receive(1)
    results = send(ledger, {**one, "group": "g"}, {**one, "group": 5}, {**one, "group": "g"})
    assert statuses(results) == ["group_failed", "invalid", "group_failed"]
    assert on_hand(ledger, "A") == {}
