"""Rules 6.1 to 6.4: the three views tell the same story, filtered, sorted and paged."""

from datetime import date
from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import VIEWS, View
from tests.projections.purchasing import Purchasing, day

ALL: tuple[View, ...] = ("item", "customer", "vendor")
_OF_PEGS = {"item": "uncovered", "customer": "promise_date", "vendor": "-pegged"}


@pytest.fixture
def busy(purchasing: Purchasing) -> Purchasing:
    """A shop with three items in two pools, and receipts from two vendors, one of them late."""
    shop = purchasing
    shop.send("register-source", source="berlin")
    shop.send("define-pool", pool="EU", sources=["berlin"])
    for sku in ("B", "C"):
        shop.carry_none(sku)
        shop.send("count-stock", sku=sku, counted=0, source="berlin")
    shop.send("receive-stock", sku="A", quantity=3)
    shop.send("change-threshold", threshold="notify_below", value=5, sku="A")
    shop.order_of("SO-1", 5, 2, customer="Ann")
    shop.order_of("SO-2", 4, 9, customer="Bob")
    shop.order_of("SO-3", 6, 1, customer="Ann", sku="B", pool="EU")
    shop.order_of("SO-4", 2, 30, customer="Cid", sku="B")
    shop.send("place-order", order="SO-5", customer="Bob", ship_policy="complete", lines=[
        {"sku": "A", "quantity": 1, "requested_date": day(3)},
        {"sku": "C", "quantity": 1, "requested_date": day(3)},
    ])
    shop.buy("PO-1", 4, -1)
    shop.buy("PO-2", 20, 6, vendor="Bolt")
    shop.buy("PO-3", 4, 5, sku="B", vendor="Bolt", source="berlin")
    shop.buy("PO-4", 9, 12, sku="C")
    shop.delay("PO-3", 8)
    return shop


def orders(rows: list[dict[str, Any]]) -> list[str]:
    """Return the orders of some rows."""
    return [row["order"] for row in rows]


def test_by_customer_every_open_line_says_what_it_waits_for(busy: Purchasing) -> None:
    [row] = busy.ask("customer", Filters(customer="Ann", item="B"))
    assert row["pegged_to"] == [{
        "purchase_order": "PO-3", "purchase_line": 1, "quantity": 4, "ready_date": day(8),
        "uncertain": False,
    }]
    del row["pegged_to"]
    assert row == {
        "customer": "Ann", "order": "SO-3", "line": 1, "sku": "B", "pool": "EU", "ordered": 6,
        "shipped": 0, "cancelled": 0, "released": 0, "remaining": 6, "allocated": 0,
        "backordered": 6, "uncovered": 2, "priority": 5, "ship_policy": "partial",
        "requested_date": day(1), "promise_date": None, "ready_date": None, "late": False,
        "uncertain": False, "overdue_receipts": [], "slips": 1, "days_slipped": 0, "lost": False,
        "age_days": 0, "promise": "none", "known_date": None, "to_tell": True, "told_at": None,
        "told_how": None,
    }


def test_by_vendor_every_open_line_says_who_waits_for_it(busy: Purchasing) -> None:
    [row] = busy.ask("vendor", Filters(item="B"))
    assert row == {
        "vendor": "Bolt", "purchase_order": "PO-3", "line": 1, "sku": "B", "destination": "berlin",
        "ordered": 4, "received": 0, "cancelled": 0, "remaining": 4,
        "original_expected_date": day(5), "expected_date": day(8), "counted_on": day(8),
        "overdue": False, "undated": False, "blocked": None, "days_late": 3, "slips": 1,
        "confirmed": False, "pegged": 4, "free": 0,
        "waiting": [{
            "customer": "Ann", "order": "SO-3", "line": 1, "quantity": 4,
            "requested_date": day(1), "promise_date": None, "uncertain": False,
            "overdue_receipts": [],
        }],
    }


def test_by_item_a_row_says_what_is_wanted_and_what_is_to_come(busy: Purchasing) -> None:
    [row] = busy.ask("item", Filters(item="A"))
    assert row == {
        "sku": "A", "name": None, "supply": 3, "allocated": 3, "free": 0, "safety_stock": 0,
        "open_demand": 10, "backordered": 7, "sales_orders_waiting": 3, "customers_waiting": 2,
        "oldest_requested_date": day(2), "first_promise_date": day(2),
        "last_promise_date": day(12), "open_supply": 24, "next_receipt_date": day(1),
        "next_receipt_quantity": 4, "next_receipt_purchase_order": "PO-1",
        "next_receipt_purchase_line": 1, "overdue_supply": 4,
        "undated_supply": 0, "blocked_supply": 0, "uncovered": 0,
        "suggested_order_quantity": 0, "expedite": [], "first_promise_uncertain": True,
        "last_promise_uncertain": True, "uncertain": True, "overdue_receipts": [{
            "purchase_order": "PO-1", "purchase_line": 1, "expected_date": day(-1),
            "days_overdue": 1,
        }],
    }


def test_what_to_order_counts_what_is_on_order_already(busy: Purchasing) -> None:
    busy.order_of("SO-9", 14, 20, customer="Dan")
    [row] = busy.ask("item", Filters(item="A"))
    assert row["suggested_order_quantity"] == 5 + 24 - 3 - 24


def test_a_shortage_that_comes_of_late_receipts_names_the_lines_to_chase(
    busy: Purchasing,
) -> None:
    busy.delay("PO-4", 20)
    [row] = busy.ask("item", Filters(item="C", pool="default"))
    assert row["suggested_order_quantity"] == 0
    assert row["expedite"] == [{
        "purchase_order": "PO-4", "purchase_line": 1, "expected_date": day(20), "overdue": False,
        "days_late": 8, "quantity": 1,
    }]
    [row] = busy.ask("item", Filters(item="B"))
    assert (row["uncovered"], row["expedite"]) == (4, [])


def test_the_views_tell_the_same_totals(busy: Purchasing) -> None:
    items, customers, vendors = (busy.ask(by) for by in ALL)
    for column, of_lines in (
        ("open_demand", "remaining"), ("backordered", "backordered"), ("allocated", "allocated"),
        ("uncovered", "uncovered"),
    ):
        for item in items:
            lines = [line for line in customers if line["sku"] == item["sku"]]
            assert item[column] == sum(line[of_lines] for line in lines)
    for item in items:
        receipts = [line for line in vendors if line["sku"] == item["sku"]]
        assert item["open_supply"] == sum(line["remaining"] for line in receipts)
        assert item["backordered"] - item["uncovered"] == sum(each["pegged"] for each in receipts)
        pools = [busy.stock(item["sku"], pool) for pool in ("default", "EU")]
        assert item["open_demand"] == sum(pool["demand"] for pool in pools)
        assert item["backordered"] == sum(pool["backordered"] for pool in pools)


@pytest.mark.parametrize(
    ("filters", "items", "lines", "receipts"),
    [
        (Filters(item="C"), ["C"], ["SO-5"], ["PO-4"]),
        (Filters(customer="Ann"), ["A", "B"], ["SO-1", "SO-3"], ["PO-1", "PO-3"]),
        (Filters(vendor="Bolt"), ["A", "B"], ["SO-3", "SO-2"], ["PO-2", "PO-3"]),
        (Filters(pool="EU"), ["B"], ["SO-3"], ["PO-3"]),
        (Filters(source="berlin"), ["B"], ["SO-3"], ["PO-3"]),
        (Filters(late=True), ["A", "B", "C"], ["SO-5", "SO-5"], ["PO-1", "PO-3"]),
        (Filters(uncovered=True), ["B"], ["SO-3", "SO-4"], ["PO-3"]),
        (Filters(cutoff=date.fromisoformat(day(3))), ["A", "B"], ["SO-1", "SO-3"], ["PO-1"]),
        (Filters(customer="Cid", vendor="Bolt"), ["B"], [], []),
        (Filters(waiting=True), ["A", "B", "C"], ["SO-1", "SO-3", "SO-2", "SO-5", "SO-5", "SO-4"],
         ["PO-1", "PO-4", "PO-2", "PO-3"]),
        (Filters(waiting=True, late=True), ["A", "B", "C"], ["SO-5", "SO-5"], ["PO-1", "PO-3"]),
        (Filters(overdue=True), ["A"], ["SO-1", "SO-2", "SO-5"], ["PO-1"]),
        (Filters(overdue=True, vendor="Bolt"), [], [], []),
        (Filters(slipped=True), ["B"], ["SO-3"], ["PO-3"]),
        (Filters(slipped=True, customer="Bob"), [], [], []),
    ],
)
def test_filters_choose_the_lines_that_are_shown(
    busy: Purchasing, filters: Filters, items: list[str], lines: list[str], receipts: list[str]
) -> None:
    assert [row["sku"] for row in busy.ask("item", filters)] == items
    assert orders(busy.ask("customer", filters)) == lines
    assert [row["purchase_order"] for row in busy.ask("vendor", filters)] == receipts


@pytest.mark.parametrize("by", ALL)
def test_a_page_says_how_many_rows_there_are_in_all(busy: Purchasing, by: View) -> None:
    position = busy.ledger.head().position
    busy.send("count-stock", sku="A", counted=3)
    for filters in (
        Filters(), Filters(waiting=True), Filters(overdue=True), Filters(late=True, waiting=True),
        Filters(slipped=True), Filters(uncertain=True), Filters(uncovered=True),
        Filters(customer="Ann"), Filters(pool="EU"),
    ):
        for today, as_of, sort in (
            (0, None, None), (7, None, "-sku"), (7, None, _OF_PEGS[by]), (0, position, None),
            (7, position, _OF_PEGS[by]),
        ):
            asked: dict[str, Any] = {"today": today, "sort": sort, "as_of": as_of}
            whole = busy.page(by, filters, **asked)
            first = busy.page(by, filters, limit=1, **asked)
            assert whole["total"] == first["total"] == len(whole["rows"])
            if first["next"] is not None:
                second = busy.page(by, filters, limit=1, after=first["next"], **asked)
                assert second["total"] == first["total"]


def test_lines_that_were_closed_and_opened_again_are_counted_in_the_past_only_while_open(
    busy: Purchasing,
) -> None:
    busy.send("cancel-purchase-order", purchase_order="PO-4")
    position = busy.send("count-stock", sku="A", counted=4)
    busy.send("confirm-purchase-order", purchase_order="PO-4", lines=[{"line": 1, "quantity": 20}])
    assert busy.page("vendor", limit=1, as_of=position)["total"] == 3
    assert busy.page("item", limit=1, as_of=position)["total"] == 3


def test_a_pool_shows_its_own_figures(busy: Purchasing) -> None:
    [eu] = busy.ask("item", Filters(pool="EU", item="B"))
    [default] = busy.ask("item", Filters(pool="default", item="B"))
    assert (eu["open_demand"], eu["open_supply"], eu["uncovered"]) == (6, 4, 2)
    assert (default["open_demand"], default["open_supply"], default["uncovered"]) == (2, 0, 2)
    assert (eu["suggested_order_quantity"], default["suggested_order_quantity"]) == (3, 3)


def test_what_nobody_knows_is_refused(busy: Purchasing) -> None:
    for asked, code in (
        ({"filters": Filters(pool="MOON")}, "unknown_pool"),
        ({"filters": Filters(source="MOON")}, "unknown_source"),
        ({"sort": "colour"}, "unknown_column"), ({"limit": 0}, "bad_limit"),
        ({"after": "?"}, "bad_page"), ({"as_of": 9_999}, "unknown_position"),
    ):
        with pytest.raises(Refusal) as refused:
            busy.page("customer", **asked)
        assert refused.value.code == code


@pytest.mark.parametrize("by", ALL)
@pytest.mark.parametrize("today", [0, 7])
@pytest.mark.parametrize("filters", [Filters(), Filters(vendor="Bolt"), Filters(late=True)])
def test_pages_of_any_order_hold_every_row_once(
    busy: Purchasing, by: View, today: int, filters: Filters
) -> None:
    whole = busy.ask(by, filters, today=today)
    for column in VIEWS[by].columns:
        for sort in (column, f"-{column}"):
            in_order = busy.ask(by, filters, today=today, sort=sort)
            assert sorted(map(str, in_order)) == sorted(map(str, whole))
            paged: list[dict[str, Any]] = []
            after = None
            while True:
                page = busy.page(by, filters, today=today, sort=sort, limit=2, after=after)
                paged += page["rows"]
                after = page["next"]
                if after is None:
                    break
            assert paged == in_order
            descending = sort.startswith("-")
            values = [
                (row["lost"], row[column]) if column == "days_slipped" else row[column]
                for row in in_order if row.get(column) not in (None, [])
            ]
            if column not in ("pegged_to", "waiting"):
                assert values == sorted(values, reverse=descending)
                known = [row[column] is not None for row in in_order]
                worst_first = descending and column in ("promise_date", "ready_date")
                assert known == sorted(known, reverse=not worst_first)


def test_each_view_can_be_asked_as_of_an_earlier_moment(busy: Purchasing) -> None:
    position = busy.ledger.head().position
    known = [busy.page(by) for by in ALL]
    busy.send("receive-goods", purchase_order="PO-2", receipt="R-1")
    busy.send("cancel-order", order="SO-3")
    assert [busy.page(by)["rows"] for by in ALL] != [page["rows"] for page in known]
    assert [busy.page(by, as_of=position) for by in ALL] == known
    assert busy.page("customer", as_of=0)["rows"] == []


# ------------------------------------------------------------------ undated purchase lines


@pytest.fixture
def undated(busy: Purchasing) -> Purchasing:
    """The busy shop, and goods of which nobody knows when they come."""
    busy.send("place-purchase-order", purchase_order="PO-9", vendor="Bolt", lines=[
        {"sku": "B", "quantity": 50}, {"sku": "B", "quantity": 1, "expected_date": day(7)},
    ])
    return busy


def test_an_undated_line_is_listed_as_undated_and_late_for_nobody(undated: Purchasing) -> None:
    [row] = [row for row in undated.ask("vendor", today=900) if row["undated"]]
    assert row == {
        "vendor": "Bolt", "purchase_order": "PO-9", "line": 1, "sku": "B",
        "destination": "default", "ordered": 50, "received": 0, "cancelled": 0, "remaining": 50,
        "original_expected_date": None, "expected_date": None, "counted_on": None,
        "overdue": False, "undated": True, "blocked": None, "days_late": 0, "slips": 0,
        "confirmed": False, "pegged": 0, "free": 50, "waiting": [],
    }
    late = undated.ask("vendor", Filters(late=True), today=900)
    assert ("PO-9", 1) not in [(row["purchase_order"], row["line"]) for row in late]


@pytest.mark.parametrize("column", ["expected_date", "original_expected_date", "counted_on"])
@pytest.mark.parametrize("direction", ["", "-"])
def test_an_undated_line_stands_last_sorted_by_any_date_and_page_by_page(
    undated: Purchasing, column: str, direction: str
) -> None:
    rows = undated.ask("vendor", sort=f"{direction}{column}")
    dates = [row[column] for row in rows]
    assert dates[-1] is None
    assert dates[:-1] == sorted(dates[:-1], reverse=bool(direction))
    paged: list[Any] = []
    after = None
    while True:
        page = undated.page("vendor", sort=f"{direction}{column}", limit=1, after=after)
        paged += page["rows"]
        after = page["next"]
        if after is None:
            break
    assert paged == rows


@pytest.mark.parametrize("column", ["overdue", "days_late"])
def test_an_undated_line_is_sorted_as_one_that_is_not_late(
    undated: Purchasing, column: str
) -> None:
    rows = undated.ask("vendor", sort=f"-{column}", today=3)
    assert [row[column] for row in rows] == sorted((row[column] for row in rows), reverse=True)
    assert undated.ask("vendor", sort=column, today=3, limit=2) == undated.ask(
        "vendor", sort=column, today=3
    )[:2]


def test_undated_goods_are_open_supply_but_no_next_receipt(undated: Purchasing) -> None:
    [row] = undated.ask("item", Filters(item="B", pool="default"))
    assert (row["open_supply"], row["undated_supply"], row["overdue_supply"]) == (51, 50, 0)
    assert (row["next_receipt_date"], row["next_receipt_quantity"]) == (day(7), 1)
    assert row["uncovered"] == 1
    [row] = undated.ask("item", Filters(item="B", pool="default", cutoff=date(2026, 5, 1)))
    assert (row["open_supply"], row["undated_supply"]) == (1, 0)


def test_a_cutoff_leaves_out_what_has_no_date(undated: Purchasing) -> None:
    rows = undated.ask("vendor", Filters(cutoff=date(2099, 1, 1)))
    assert [row["undated"] for row in rows] == [False] * len(rows)


def test_undated_goods_that_are_given_a_date_are_pegged_and_slip_only_from_it(
    undated: Purchasing,
) -> None:
    undated.send("confirm-purchase-order", purchase_order="PO-9", lines=[
        {"line": 1, "expected_date": day(40)},
    ])
    [row] = undated.ask("customer", Filters(customer="Cid"))
    assert row["promise_date"] == day(40)
    undated.send(
        "delay-purchase-order", purchase_order="PO-9", reason="strike",
        lines=[{"line": 1, "expected_date": day(44)}],
    )
    rows = {row["line"]: row for row in undated.ask("vendor") if row["purchase_order"] == "PO-9"}
    assert (rows[1]["original_expected_date"], rows[1]["expected_date"]) == (day(40), day(44))
    assert (rows[1]["slips"], rows[1]["days_late"]) == (1, 4)
