"""Rule 2.4: a refusal of what is not known or possible yet is not kept; its id is judged again."""

from pathlib import Path

import pytest

from stocktrail.commands.orders.cancel import CancelOrder
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands.scenes import (
    NOON,
    Command,
    given,
    order,
    product,
    receive,
    send,
    statuses,
    still,
    when,
)
from tests.store.shop import outcomes_of

CANCELLED: Command = {"command": "cancel-order", "id": "w-1", "order": "SO-1"}


def test_what_was_not_known_is_judged_anew_under_the_same_id(ledger: Ledger) -> None:
    results = send(
        ledger, {**receive(5), "id": "r-1"}, {**product(), "id": "p-1"},
        {**receive(5), "id": "r-1"}, {**receive(5), "id": "r-1"},
    )
    assert statuses(results) == ["rejected", "accepted", "accepted", "duplicate"]
    assert results[0].code == "unknown_sku"
    assert results[0].as_json().get("first_judged_at") is None


def test_a_cancellation_that_came_before_its_order_goes_through_later(ledger: Ledger) -> None:
    given(ledger, product(), receive(5))
    assert [when(ledger, **CANCELLED).code for _ in range(2)] == ["unknown_order"] * 2
    given(ledger, order("SO-1", 2))
    assert when(ledger, **CANCELLED).status == "accepted"
    assert when(ledger, **CANCELLED).status == "duplicate"


def test_nothing_of_it_is_kept_so_the_id_is_free_for_another_command(
    ledger: Ledger, database_url: str
) -> None:
    assert when(ledger, **CANCELLED).code == "unknown_order"
    assert ledger.outcome("w-1") is None
    assert outcomes_of(database_url) == []
    assert when(ledger, **{**product(), "id": "w-1"}).status == "accepted"
    assert when(ledger, **CANCELLED).status == "conflict"


@pytest.mark.parametrize("field", [
    {"command": "receive-stock", "sku": "B"},
    {"command": "receive-stock", "sku": "A", "source": "nowhere"},
    {"command": "place-order", "order": "SO-1", "customer": "C", "pool": "p",
     "lines": [{"sku": "A", "quantity": 1}]},
    {"command": "place-order", "order": "SO-1", "customer": "C",
     "lines": [{"sku": "A", "quantity": 9999}, {"sku": "B", "quantity": 1}]},
    {"command": "ship-order", "order": "SO-404", "shipment": "S"},
    {"command": "delay-purchase-order", "purchase_order": "PO-404", "expected_date": "2026-03-01",
     "reason": "late"},
    {"command": "erase-customer", "customer": "nobody", "reason": "asked"},
    {"command": "enable-webhook", "webhook": "nothing"},
])
def test_whatever_is_not_known(ledger: Ledger, field: Command) -> None:
    given(ledger, product(), receive(5))
    quantity = {"quantity": 1} if field["command"] == "receive-stock" else {}
    refused = when(ledger, **{**field, **quantity, "id": "x-1"})
    assert (refused.code or "").startswith("unknown_") or "failures" in refused.details
    assert ledger.outcome("x-1") is None


def test_what_has_not_happened_yet_is_judged_anew(tmp_path: Path) -> None:
    later = {**product(), "id": "p-1", "occurred_at": "2026-03-03T00:00:00Z"}
    now = [NOON]
    with open_ledger(f"sqlite:///{tmp_path}/shop.db", clock=lambda: now[0]) as ledger:
        assert when(ledger, **later).code == "occurred_in_future"
        now[0] += 24 * 3600 * 1_000_000
        assert when(ledger, **later).status == "accepted"


def test_a_group_that_failed_by_it_is_judged_anew_whole(ledger: Ledger) -> None:
    given(ledger, product())
    group: list[Command] = [
        {**receive(5), "id": "g-1", "group": "g"},
        {**order("SO-1", 1, sku="B"), "id": "g-2", "group": "g"},
        {**order("SO-2", 1), "id": "g-3", "group": "g"},
    ]
    assert statuses(send(ledger, *group)) == ["group_failed", "rejected", "group_failed"]
    assert [ledger.outcome(each["id"]) for each in group] == [None] * 3
    given(ledger, product("B"), receive(5, sku="B"))
    assert statuses(send(ledger, *group)) == ["accepted"] * 3
    assert statuses(send(ledger, *group)) == ["duplicate"] * 3


def test_a_group_that_failed_by_another_refusal_stays_so_and_says_since_when(
    tmp_path: Path
) -> None:
    with open_ledger(f"sqlite:///{tmp_path}/shop.db", clock=still) as ledger:
        given(ledger, product())
        group: list[Command] = [
            {**receive(5), "id": "g-1", "group": "g"},
            {**order("SO-1", 9), "id": "g-2", "group": "g"},
        ]
        first = send(ledger, *group)
        given(ledger, receive(100))
        again = send(ledger, *group)
    assert statuses(first) == statuses(again) == ["group_failed", "rejected"]
    assert [each.first_judged_at for each in first] == [None, None]
    judged_at = {"position": 1, "time": to_iso(NOON + 2)}
    assert again[0].first_judged_at == again[1].first_judged_at == judged_at


def test_a_dry_run_judges_it_anew_too(ledger: Ledger) -> None:
    given(ledger, product(), receive(5))
    assert when(ledger, **CANCELLED).status == "rejected"
    given(ledger, order("SO-1", 2))
    (tried,) = send(ledger, CANCELLED, dry_run=True)
    assert tried.status == "accepted"
    assert when(ledger, **CANCELLED).status == "accepted"


def test_callers_at_once_get_it_judged_anew(ledger: Ledger) -> None:
    given(ledger, product(), receive(5))
    cancelled = CancelOrder(order="SO-1")
    with GroupedSubmission(ledger) as submitter:
        assert submitter.submit(cancelled, id="w-1").code == "unknown_order"
        given(ledger, order("SO-1", 2))
        assert submitter.submit(cancelled, id="w-1").status == "accepted"
