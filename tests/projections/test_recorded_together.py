"""Rules 1.6 and 5.5: a group is one, as a single command is."""

from typing import Any

import pytest

from stocktrail.ledger.instant import to_iso
from stocktrail.projections import ReadModels, read_models
from stocktrail.projections.as_of.moment import resolve_as_of, resolve_instant
from stocktrail.projections.folding import shadow_tables
from stocktrail.projections.questions.diff import difference
from stocktrail.projections.verify import verify
from tests.projections.purchasing import Purchasing, day, number_of
from tests.projections.shop import Shop, Wish

CANCEL: Wish = {"command": "cancel-purchase-order", "purchase_order": "PO-1"}


def buy(name: str, quantity: float, expected: int, sku: str = "A") -> Wish:
    """Order units from a vendor."""
    line = {"sku": sku, "quantity": quantity, "expected_date": day(expected)}
    return {
        "command": "place-purchase-order", "purchase_order": name, "vendor": "Acme",
        "lines": [line],
    }


def delay(name: str, expected: int, **fields: Any) -> Wish:
    """Let a vendor be late."""
    return {
        "command": "delay-purchase-order", "purchase_order": name,
        "expected_date": day(expected), "reason": "strike", **fields,
    }


def place(name: str, quantity: float, requested: int = 0, sku: str = "A", **fields: Any) -> Wish:
    """Place an order of one line."""
    line = {"sku": sku, "quantity": quantity, "requested_date": day(requested)}
    return {
        "command": "place-order", "order": name, "customer": name, "lines": [line], **fields
    }


def units_come(quantity: float, sku: str = "A", **fields: Any) -> Wish:
    """Receive units that nobody had announced."""
    return {"command": "receive-stock", "sku": sku, "quantity": quantity, **fields}


def ship(name: str, shipment: str) -> Wish:
    """Ship all that an order has allocated."""
    return {"command": "ship-order", "order": name, "shipment": shipment}


@pytest.fixture
def waiting(purchasing: Purchasing) -> Purchasing:
    """Return a shop in which SO-1 waits for PO-1, which is due on day 6."""
    purchasing.order_of("SO-1", 5, 1)
    purchasing.buy("PO-1", 5, 6)
    return purchasing


def told(shop: Purchasing) -> list[tuple[str, str, int | None, int | None]]:
    """List what customers were told: kind, order, the new day, and by how many days."""
    return [
        (row["kind"], row["order"], number_of(row["new_date"]), row["days"])
        for row in shop.notices() if row["kind"] != "low_stock"
    ]


def assert_same_from_the_log(shop: Purchasing) -> None:
    """See that what was folded live is what follows from the log."""
    live = verify(shop.models)
    assert live.findings == []
    shop.models.rebuild()
    assert verify(shop.models).digests == live.digests


# ------------------------------------------------------------------ promises


def test_cancelled_and_replaced_in_a_group_is_one_slip_told_at_its_end(
    waiting: Purchasing,
) -> None:
    end = waiting.together(CANCEL, buy("PO-2", 5, 10), buy("PO-3", 5, 20))
    assert told(waiting) == [("slip", "SO-1", 10, 4)]
    [notice] = [row for row in waiting.notices() if row["kind"] == "slip"]
    assert (notice["position"], notice["old_date"], notice["told_date"]) == (end, day(6), day(6))
    assert notice["cause"]["sentence"] == "Purchase order PO-1 line 1 was cancelled."
    [row] = waiting.ask("customer")
    assert (row["slips"], row["days_slipped"], row["lost"]) == (1, 4, False)
    assert_same_from_the_log(waiting)


def test_the_same_one_by_one_is_a_date_lost_and_found(waiting: Purchasing) -> None:
    for wished in (CANCEL, buy("PO-2", 5, 10)):
        waiting.together(wished)
    assert told(waiting) == [("slip", "SO-1", None, None), ("promise_found", "SO-1", 10, 4)]
    assert waiting.ask("customer")[0]["slips"] == 2


def test_a_promise_that_goes_away_and_comes_back_in_a_group_has_not_moved(
    waiting: Purchasing,
) -> None:
    changes = waiting.explain("SO-1")["changes"]
    waiting.together(delay("PO-1", 9), place("SO-2", 2), delay("PO-1", 6), {
        "command": "cancel-order", "order": "SO-2",
    })
    assert told(waiting) == []
    assert waiting.explain("SO-1")["changes"] == changes
    assert waiting.promised() == {"SO-1": 6}


def test_the_first_promise_of_an_order_is_the_one_at_the_end_of_its_group(
    purchasing: Purchasing,
) -> None:
    purchasing.together(
        place("SO-1", 5), place("SO-2", 2), buy("PO-1", 5, 6), delay("PO-1", 8),
        units_come(2), {"command": "prioritise-order", "order": "SO-2", "priority": 1,
                        "reason": "they called"},
        buy("PO-2", 2, 3),
    )
    assert told(purchasing) == []
    assert purchasing.promised() == {"SO-1": 8, "SO-2": 3}
    purchasing.delay("PO-1", 9)
    assert told(purchasing) == [("slip", "SO-1", 9, 1)]
    assert_same_from_the_log(purchasing)


def test_an_order_that_came_and_went_in_a_group_was_promised_nothing(
    waiting: Purchasing,
) -> None:
    waiting.together(place("SO-2", 3, 2, priority=1), units_come(3), ship("SO-2", "S-1"))
    assert told(waiting) == []
    assert waiting.promised() == {"SO-1": 6}
    assert waiting.order("SO-2")["status"] == "complete"
    assert_same_from_the_log(waiting)


def test_an_order_that_ships_complete_is_judged_as_a_whole_at_the_end(
    waiting: Purchasing,
) -> None:
    waiting.carry_none("B")
    lines = [{"sku": sku, "quantity": 1, "requested_date": day(1)} for sku in "AB"]
    waiting.together(
        {"command": "place-order", "order": "SO-2", "customer": "SO-2", "lines": lines,
         "ship_policy": "complete", "priority": 1},
        buy("PO-2", 1, 4, "B"), buy("PO-3", 1, 4),
    )
    assert waiting.promised() == {"SO-1": 6, "SO-2": 4}
    waiting.together(delay("PO-2", 12), delay("PO-2", 8), delay("PO-1", 7))
    assert set(told(waiting)) == {("slip", "SO-2", 8, 4), ("slip", "SO-1", 7, 1)}
    assert_same_from_the_log(waiting)


@pytest.mark.parametrize("late_first", [False, True])
def test_a_group_is_judged_under_the_latest_day_on_which_any_of_it_occurred(
    waiting: Purchasing, late_first: bool
) -> None:
    """Nothing slips because days pass inside it, and an overdue receipt counts from that day."""
    waiting.carry_none("B")
    group = [
        units_come(1, "B", occurred_at=f"{day(0)}T08:00:00Z"),
        place("SO-2", 1, 1, occurred_at=f"{day(9)}T08:00:00Z"),
    ]
    waiting.together(*(reversed(group) if late_first else group))
    assert told(waiting) == []
    waiting.on_day(9)
    assert waiting.ask("customer")[0]["uncertain"]
    waiting.together(delay("PO-1", 12))
    assert told(waiting) == [("slip", "SO-1", 12, 6)]
    assert_same_from_the_log(waiting)


def test_a_slip_of_a_group_had_occurred_when_all_of_it_had(waiting: Purchasing) -> None:
    waiting.on_day(5)
    waiting.together(
        delay("PO-1", 10, occurred_at=f"{day(5)}T08:00:00Z"),
        units_come(1, occurred_at=f"{day(2)}T08:00:00Z"),
    )
    found = {
        number: waiting.ask(
            "customer", today=number, occurred_until=resolve_instant(day(number))
        )[0]["slips"]
        for number in (2, 4, 5)
    }
    assert found == {2: 0, 4: 0, 5: 1}


def test_what_an_earlier_version_recorded_together_is_judged_command_by_command(
    waiting: Purchasing,
) -> None:
    """It kept no groups: what follows from its log is what followed from it then."""
    end = waiting.together(CANCEL, buy("PO-2", 5, 10))
    waiting.tamper_with_log("UPDATE commands SET group_sequence = NULL")
    waiting.models.rebuild()
    assert told(waiting) == [("slip", "SO-1", None, None), ("promise_found", "SO-1", 10, 4)]
    assert [resolve_as_of(waiting.ledger, str(each)) for each in (end - 1, end)] == [end - 1, end]


# ------------------------------------------------------------------ low stock


def low_stock_notices(shop: Purchasing) -> list[tuple[int, int | None]]:
    """Return where notices of low stock were raised and cleared."""
    return [
        (row["position"], row["cleared_position"]) for row in shop.notices()
        if row["kind"] == "low_stock" and row["sku"] == "B"
    ]


def test_low_stock_that_a_group_only_passes_through_raises_and_clears_nothing(
    purchasing: Purchasing,
) -> None:
    purchasing.carry("B", 5)
    purchasing.together(place("SO-1", 5, sku="B"), units_come(9, "B"))
    assert low_stock_notices(purchasing) == []
    raised = purchasing.together(place("SO-2", 5, sku="B"), place("SO-3", 4, sku="B"))
    assert low_stock_notices(purchasing) == [(raised, None)]
    purchasing.together(units_come(9, "B"), place("SO-4", 9, sku="B"))
    assert low_stock_notices(purchasing) == [(raised, None)]
    cleared = purchasing.together(units_come(9, "B"), place("SO-5", 1, sku="B"))
    assert low_stock_notices(purchasing) == [(raised, cleared)]
    assert_same_from_the_log(purchasing)


def test_settings_of_all_items_that_a_group_changes_and_changes_back_move_nothing(
    waiting: Purchasing,
) -> None:
    """Also of items that the group does not touch otherwise, and that are read for each of them."""
    waiting.carry("B", 5)
    waiting.send("register-source", source="berlin")
    waiting.send("define-pool", pool="EU", sources=["default", "berlin"])
    waiting.models = ReadModels(waiting.ledger)
    noticed = waiting.notices()
    waiting.together(
        {"command": "change-threshold", "threshold": "notify_below", "value": 50},
        {"command": "disable-source", "source": "default"},
        {"command": "define-pool", "pool": "EU", "sources": ["berlin"]},
        {"command": "set-manage-stock", "manage": "off"},
        {"command": "set-promise-rules", "overdue_offset_days": 3},
        {"command": "set-manage-stock", "manage": "on"},
        {"command": "enable-source", "source": "default"},
        {"command": "define-pool", "pool": "EU", "sources": ["default", "berlin"]},
        {"command": "change-threshold", "threshold": "notify_below", "value": 1},
    )
    assert waiting.notices() == noticed
    assert waiting.stock("B", "EU")["supply"] == 5
    assert waiting.pegged_from_scratch("AB")
    assert_same_from_the_log(waiting)


# ------------------------------------------------------------------ moments


def test_no_answer_is_computed_inside_a_group(waiting: Purchasing) -> None:
    before, was = waiting.ledger.head().position, waiting.page("customer")
    end = waiting.together(CANCEL, buy("PO-2", 5, 10), place("SO-2", 1))
    became = waiting.page("customer")
    after = waiting.together(units_come(1))
    inside = waiting.ledger.read(before, end - before)
    assert len({each.command_id for each in inside}) == 3
    for recorded in inside:
        assert resolve_as_of(waiting.ledger, str(recorded.position)) == end
        visible = before if recorded.position < end else end
        assert resolve_as_of(waiting.ledger, to_iso(recorded.recorded_at)) == visible
    assert [resolve_as_of(waiting.ledger, str(each)) for each in (before, after)] == [before, after]
    assert waiting.page("customer", as_of=before) == was
    assert waiting.page("customer", as_of=end) == became


def test_a_day_ends_by_the_zone_that_was_visible_then(shop: Shop) -> None:
    """A group in which the zone is changed has not ended when the first of it was recorded."""
    before = shop.carry("A", 1)
    shop.together(
        {"command": "set-time-zone", "zone": "Asia/Tokyo"}, units_come(1), units_come(1)
    )
    recorded = shop.ledger.read(before, 1)[0].recorded_at
    assert resolve_as_of(shop.ledger, to_iso(recorded)) == before


def test_a_group_of_which_all_but_one_had_been_recorded_is_that_one(waiting: Purchasing) -> None:
    place_again = place("SO-2", 1)
    waiting.together(place_again)
    waiting.together(place_again, units_come(1))
    [*_, recorded] = waiting.ledger.read(0, 1_000)
    assert recorded.group is None
    waiting.together(units_come(1), units_come(1))
    [*_, one, other] = waiting.ledger.read(0, 1_000)
    assert one.group == other.group is not None


def test_what_a_group_only_passes_through_moved_nothing(waiting: Purchasing) -> None:
    before = waiting.ledger.head().position
    passed = waiting.together(place("SO-2", 3), {"command": "cancel-order", "order": "SO-2"})
    end = waiting.together(place("SO-3", 1), place("SO-4", 1))
    [item] = difference(waiting.models, before, end)["stock"]
    assert item["changes"]["demand"] == {"from": 5, "to": 7}
    assert [each["type"] for each in item["events"]] == ["StockReserved"] * 2
    assert all(each["position"] > passed for each in item["events"])


# ------------------------------------------------------------------ however it is folded


def test_a_group_is_folded_whole_however_the_log_is_cut(
    waiting: Purchasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that ends inside a group goes on to its end, and what must stand alone does so."""
    waiting.carry("B", 9)
    with monkeypatch.context() as live:
        live.setattr(read_models, "EVENTS_PER_BATCH", 1)
        waiting.together(CANCEL, buy("PO-2", 5, 10), place("SO-2", 9, sku="B"), units_come(9, "B"))
        waiting.together(
            {"command": "disable-source", "source": "default"}, units_come(3),
            {"command": "enable-source", "source": "default"}, delay("PO-2", 11),
            delay("PO-2", 10),
        )
    noticed, digests = waiting.notices(), verify(waiting.models).digests
    assert told(waiting) == [("slip", "SO-1", 10, 4)]
    for at_once in (1, 3, 1000):
        monkeypatch.setattr(shadow_tables, "EVENTS_PER_BATCH", at_once)
        monkeypatch.setattr(shadow_tables, "EVENTS_PER_SAVE", at_once)
        waiting.models.rebuild()
        assert waiting.notices() == noticed
        assert verify(waiting.models).digests == digests


def test_a_group_of_a_thousand_commands_is_one(waiting: Purchasing) -> None:
    end = waiting.together(CANCEL, *(place(f"M-{each}", 1, 2) for each in range(1_000)),
                           buy("PO-2", 5, 10))
    assert told(waiting) == [("slip", "SO-1", 10, 4)]
    assert resolve_as_of(waiting.ledger, str(end - 2_000)) == end
    assert_same_from_the_log(waiting)
