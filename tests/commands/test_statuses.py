"""Results: every status, and what the same id gets when it is sent again."""

from stocktrail.commands.scripts.results import exit_status
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import (
    backorders,
    given,
    on_hand,
    order,
    product,
    receive,
    send,
    send_text,
    ship,
    statuses,
    types,
    when,
)


def test_an_accepted_command_is_recorded_and_gives_its_events(ledger: Ledger) -> None:
    given(ledger, product())
    result = when(ledger, id="c-1", **receive(5))
    assert result.as_json() == {
        "line": 1, "id": "c-1", "command": "receive-stock", "status": "accepted", "position": 2,
        "events": result.events, "messages": [],
    }
    (event,) = result.events
    assert (event["position"], event["type"], event["stream"]) == (2, "StockReceived", "stock/A")
    assert (event["command_id"], event["data"]["quantity"]) == ("c-1", 5)
    assert ledger.head().position == 2


def test_the_same_id_again_is_a_duplicate_with_the_original_result(ledger: Ledger) -> None:
    given(ledger, product(), backorders("allow_and_notify"), receive(2))
    first = when(ledger, id="c-1", **order("SO-1", 5))
    given(ledger, receive(9))
    again = when(ledger, id="c-1", **order("SO-1", 5))
    assert (first.status, again.status) == ("accepted", "duplicate")
    assert (again.position, again.events, again.messages) == (
        first.position, first.events, first.messages
    )
    assert first.messages == ["3 of A will be backordered and shipped later."]


def test_a_duplicate_within_the_same_batch_has_the_original_result_too(ledger: Ledger) -> None:
    given(ledger, product())
    first, again = send(ledger, {"id": "c-1", **receive(5)}, {"id": "c-1", **receive(5)})
    assert (first.status, again.status) == ("accepted", "duplicate")
    assert again.events == first.events
    assert on_hand(ledger, "A") == {"default": 5}


def test_what_is_written_differently_but_means_the_same_is_a_duplicate(ledger: Ledger) -> None:
    given(ledger, product())
    one = {"id": "c-1", "occurred_at": "2026-03-01T10:00:00+01:00", **receive("5.0")}
    other = {"id": "c-1", "occurred_at": "2026-03-01T09:00:00Z", "source": "default", **receive(5)}
    assert statuses(send(ledger, one, other)) == ["accepted", "duplicate"]


def test_a_refusal_is_sticky_and_a_new_try_needs_a_new_id(ledger: Ledger) -> None:
    given(ledger, product(), receive(1))
    first = when(ledger, id="c-1", **order("SO-1", 5))
    given(ledger, receive(100))
    again = when(ledger, id="c-1", **order("SO-1", 5))
    told = again.as_json()
    assert told.pop("first_judged_at")["position"] == first.position
    assert first.as_json() == told
    assert (first.status, first.code) == ("rejected", "not_enough_salable")
    assert first.details["sku"] == "A"
    assert first.details["shortfall"] == 4
    assert when(ledger, id="c-2", **order("SO-1", 5)).status == "accepted"


def test_a_refused_command_leaves_no_trace_in_the_log(ledger: Ledger) -> None:
    given(ledger, product())
    before = ledger.head().position
    assert when(ledger, **order("SO-1", 1)).status == "rejected"
    assert ledger.head().position == before


def test_an_invalid_row_is_judged_anew_and_may_be_corrected_under_its_id(ledger: Ledger) -> None:
    given(ledger, product())
    wrong = when(ledger, id="c-1", **receive("five"))
    assert wrong.status == "invalid"
    assert [error["pointer"] for error in wrong.errors] == ["/quantity"]
    assert when(ledger, id="c-1", **receive(5)).status == "accepted"


def test_a_conflict_names_the_first_field_that_differs(ledger: Ledger) -> None:
    given(ledger, product(), product("B"))
    given(ledger, {"id": "c-1", **receive(5, reason="found")})
    again = when(ledger, id="c-1", **receive(6, reason="found"))
    assert (again.status, again.code) == ("conflict", "conflict")
    assert again.details["field"] == "quantity"
    other = when(ledger, id="c-1", **product("C"))
    assert other.details["field"] == "command"
    more = when(ledger, id="c-1", actor="Bob", **receive(5, reason="found"))
    assert more.details["field"] == "actor"
    assert on_hand(ledger, "A") == {"default": 5}


def test_a_refused_id_used_for_another_command_is_a_conflict(ledger: Ledger) -> None:
    given(ledger, product(), receive(1))
    assert when(ledger, id="c-1", **order("SO-1", 5)).code == "not_enough_salable"
    assert when(ledger, id="c-1", **receive(5)).status == "conflict"


def test_a_command_that_changes_nothing_is_accepted_without_events(ledger: Ledger) -> None:
    given(ledger, product())
    again = when(ledger, id="c-2", **product())
    assert (again.status, again.events, again.position) == ("accepted", [], 1)
    assert when(ledger, id="c-2", **product()).status == "duplicate"


# ---------------------------------------------------------------- business ids


def test_a_known_order_under_a_new_id_is_a_duplicate_when_it_is_the_same(ledger: Ledger) -> None:
    given(ledger, product(), receive(9))
    first = when(ledger, id="c-1", **order("SO-1", 5))
    again = when(ledger, id="c-2", **order("SO-1", 5))
    assert (again.status, again.id, again.events) == ("duplicate", "c-2", first.events)
    other = when(ledger, id="c-3", **order("SO-1", 6))
    assert (other.status, other.code) == ("rejected", "already_exists")


def test_a_line_number_that_is_written_out_makes_no_other_order(ledger: Ledger) -> None:
    given(ledger, product(), receive(9), order("SO-1", 5))
    again = order("SO-1", {"line": 1, "sku": "A", "quantity": "5.0"}, priority=5, pool="default")
    assert when(ledger, **again).status == "duplicate"


def test_a_known_order_in_the_same_batch_is_a_duplicate_too(ledger: Ledger) -> None:
    given(ledger, product(), receive(9))
    results = send(ledger, {"id": "c-1", **order("SO-1", 5)}, {"id": "c-2", **order("SO-1", 5)},
                   {"id": "c-3", **order("SO-1", 4)})
    assert statuses(results) == ["accepted", "duplicate", "rejected"]
    assert results[1].events == results[0].events


def test_a_known_shipment_is_a_duplicate_when_it_is_the_same(ledger: Ledger) -> None:
    given(ledger, product(), receive(9), order("SO-1", 5))
    first = when(ledger, **ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 2}]))
    again = when(ledger, id="new", **ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 2}]))
    other = when(ledger, id="other", **ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 1}]))
    assert (first.status, again.status, other.code) == ("accepted", "duplicate", "already_exists")
    assert again.events == first.events
    assert on_hand(ledger, "A") == {"default": 7}


def test_a_known_shipment_of_a_complete_order_stays_a_duplicate(ledger: Ledger) -> None:
    given(ledger, product(), receive(9), order("SO-1", 5), ship("SO-1", "S-1"))
    assert when(ledger, id="new", **ship("SO-1", "S-1")).status == "duplicate"
    assert when(ledger, **ship("SO-1", "S-2")).code == "not_enough_remaining"


def test_a_known_refund_is_a_duplicate_when_it_is_the_same(ledger: Ledger) -> None:
    given(ledger, product(), receive(9), order("SO-1", 5), ship("SO-1", "S-1"))
    refund = {
        "command": "refund-order", "order": "SO-1", "refund": "R-1",
        "lines": [{"line": 1, "quantity": 1, "outcome": "return"}],
    }
    other = {**refund, "lines": [{"line": 1, "quantity": 2, "outcome": "return"}]}
    assert when(ledger, **refund).status == "accepted"
    assert when(ledger, id="new", **refund).status == "duplicate"
    assert when(ledger, **other).code == "already_exists"
    assert on_hand(ledger, "A") == {"default": 5}


def test_registering_or_defining_again_updates(ledger: Ledger) -> None:
    given(ledger, product(name="Old"), {"command": "register-source", "source": "east"})
    assert types(when(ledger, **product(name="New"))) == ["ProductRegistered"]
    pool = {"command": "define-pool", "pool": "shop"}
    assert types(when(ledger, sources=["east"], **pool)) == ["PoolDefined"]
    assert types(when(ledger, sources=["east", "default"], **pool)) == ["PoolDefined"]
    assert types(when(ledger, id="again", sources=["east", "default"], **pool)) == []


# ---------------------------------------------------------------- expected version


def test_an_expected_version_refuses_when_somebody_was_faster(ledger: Ledger) -> None:
    given(ledger, product(), receive(5))
    late = when(ledger, expected_version=1, **receive(1))
    assert (late.code, late.details["version"]) == ("version_conflict", 2)
    assert when(ledger, expected_version=2, **receive(1)).status == "accepted"
    assert when(ledger, expected_version=0, **order("SO-1", 1)).status == "accepted"
    assert when(ledger, expected_version=0, **order("SO-2", 1)).status == "accepted"


# ---------------------------------------------------------------- exit status


def test_the_exit_status_is_the_highest_of_all() -> None:
    assert exit_status([]) == 0
    assert exit_status(["accepted", "duplicate"]) == 0
    assert exit_status(["accepted", "rejected"]) == 3
    assert exit_status(["group_failed"]) == exit_status(["skipped"]) == 3
    assert exit_status(["rejected", "invalid", "accepted"]) == 4
    assert exit_status(["conflict", "rejected"]) == 4


def test_times_and_actor_are_kept_beside_the_event(ledger: Ledger) -> None:
    given(ledger, product())
    result = when(ledger, occurred_at="2020-02-29T23:30:00-01:00", actor="Bob",
                  correlation_id="import-7", **receive(1))
    (event,) = result.events
    assert event["occurred_at"] == "2020-03-01T00:30:00.000000Z"
    assert event["recorded_at"] > event["occurred_at"]
    assert (event["actor"], event["correlation_id"]) == ("Bob", "import-7")


def test_an_empty_script_gives_no_results(ledger: Ledger) -> None:
    assert send_text(ledger, b"") == []
    assert send_text(ledger, b"", mode="atomic") == []
