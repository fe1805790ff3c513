"""Questions over HTTP by the trade's clock: what had happened by a time, whenever it was told."""

import pytest

from tests.interfaces.api.serving import Served

EARLY, LATE = "2026-01-10", "2026-01-20"


@pytest.fixture
def backfilled(api: Served) -> Served:
    """Return a service to which the receipt of the tenth was told after that of the twentieth."""
    api.accept("register-product", sku="WIDGET")
    api.accept("set-backorder-policy", backorders="allow")
    api.accept("receive-stock", sku="WIDGET", quantity=5, occurred_at=f"{LATE}T09:00:00Z")
    api.accept("receive-stock", sku="WIDGET", quantity=2, occurred_at=f"{EARLY}T09:00:00Z")
    api.accept(
        "place-order", order="SO-1", customer="ADA", occurred_at=f"{EARLY}T10:00:00Z",
        lines=[{"sku": "WIDGET", "quantity": 9}],
    )
    return api


def test_what_had_happened_by_a_day(backfilled: Served) -> None:
    for day, units in (("2026-01-09", {}), (EARLY, {"default": 2}), (LATE, {"default": 7})):
        found = backfilled.ask(f"/stock/WIDGET?occurred_as_of={day}")
        assert found["on_hand"] == units
        rows = backfilled.ask(f"/stock/WIDGET/history?occurred_as_of={day}")["rows"]
        assert sum(row["delta"] for row in rows if row["source"]) == sum(units.values())
    waiting = backfilled.ask(f"/backorders/customer?occurred_as_of={EARLY}")
    assert [row["order"] for row in waiting["rows"]] == ["SO-1"]
    assert backfilled.ask("/backorders/customer?occurred_as_of=2026-01-09")["rows"] == []


def test_both_clocks_together(backfilled: Served) -> None:
    position = backfilled.ask("/stock/WIDGET")["as_of"]
    address = f"/stock/WIDGET?occurred_as_of={EARLY}"
    assert backfilled.ask(f"{address}&as_of={position}")["on_hand"] == {"default": 2}
    before = backfilled.ask(f"{address}&as_of={position - 3}")
    assert (before["on_hand"], before["as_of"]) == ({}, position - 3)


def test_what_is_no_time_is_a_problem(backfilled: Served) -> None:
    answer = backfilled.client.get("/stock/WIDGET?occurred_as_of=yesterday")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_moment")
