"""Rules 5.2 and 5.3: receipts are pegged to waiting lines, and every line is promised its dates."""

from datetime import date

from stocktrail.ledger.pegging import counted_on, is_overdue, latest
from tests.ledger.facts import units
from tests.ledger.promises import TODAY, PromisePart, by_order, due, parts, promise, waits
from tests.ledger.purchasing import day

QUEUE = [
    waits("L1", 6, allocated=4, requested=5),
    waits("L2", 6, requested=2),
    waits("L3", 8, requested=3),
    waits("L4", 5, requested=1),
]
RECEIPTS = [due("PO-1", 12, -2), due("PO-2", 10, 7), due("PO-3", 20, 13)]


def test_the_worked_example() -> None:
    first, second, third, fourth = promise(QUEUE, RECEIPTS)
    assert parts(first) == [(4, None, day(5)), (6, "PO-1", day(5))]
    assert (first.ready_date, first.promise_date) == (day(1), day(5))
    assert parts(second) == [(6, "PO-1", day(2))]
    assert (second.ready_date, second.promise_date) == (day(1), day(2))
    assert parts(third) == [(8, "PO-2", day(7))]
    assert parts(fourth) == [(2, "PO-2", day(7)), (3, "PO-3", day(13))]
    assert fourth.promise_date == day(13)
    pegged = sum(part.quantity for each in (first, second, third, fourth)
                 for part in each.parts if part.purchase_order == "PO-3")
    assert units(20) - pegged == units(17)
    assert all(each.uncovered == 0 for each in (first, second, third, fourth))


def test_the_worked_example_when_the_second_purchase_order_is_late() -> None:
    before = promise(QUEUE, RECEIPTS)
    after = promise(QUEUE, [RECEIPTS[0], due("PO-2", 10, 12), RECEIPTS[2]])
    assert after[:2] == before[:2]
    assert parts(after[2]) == [(8, "PO-2", day(12))]
    assert parts(after[3]) == [(2, "PO-2", day(12)), (3, "PO-3", day(13))]


def test_what_no_receipt_covers_is_uncovered_and_has_no_date() -> None:
    first, second = promise([waits("L1", 6), waits("L2", 6)], [due("PO-1", 8, 3)])
    assert parts(first) == [(6, "PO-1", day(3))]
    assert parts(second) == [(2, "PO-1", day(3)), (4, None, None)]
    assert second.uncovered == units(4)
    assert second.promise_date is None
    assert second.ready_date is None


def test_allocated_units_ship_today_but_not_before_they_are_wanted() -> None:
    now, later = promise(
        [waits("L1", 0, allocated=3, requested=-4), waits("L2", 0, allocated=2, requested=6)], []
    )
    assert now.parts == (PromisePart(units(3), TODAY, TODAY),)
    assert later.parts == (PromisePart(units(2), TODAY, day(6)),)


def test_receipts_serve_in_date_order_and_on_one_day_as_they_were_placed() -> None:
    receipts = [
        due("PO-3", 1, 4), due("PO-1", 1, 9), due("PO-2", 1, 4), due("PO-2", 1, 4, line=2),
    ]
    (only,) = promise([waits("L1", 4)], receipts)
    assert [(part.purchase_order, part.purchase_line) for part in only.parts] == [
        ("PO-2", 1), ("PO-2", 2), ("PO-3", 1), ("PO-1", 1),
    ]


def test_an_overdue_receipt_counts_after_the_offset_and_behind_what_comes_before() -> None:
    receipts = [due("PO-1", 5, -3), due("PO-2", 5, 1), due("PO-3", 5, 0)]
    queue = [waits("L1", 5), waits("L2", 5), waits("L3", 5)]
    assert by_order(promise(queue, receipts)) == {
        "L1": [(5, "PO-3", day(0))], "L2": [(5, "PO-1", day(1))], "L3": [(5, "PO-2", day(1))],
    }
    assert by_order(promise(queue, receipts, offset=3)) == {
        "L1": [(5, "PO-3", day(0))], "L2": [(5, "PO-2", day(1))], "L3": [(5, "PO-1", day(3))],
    }
    assert by_order(promise(queue, receipts, offset=0))["L1"] == [(5, "PO-1", day(0))]


def test_what_is_expected_today_is_not_overdue() -> None:
    assert not is_overdue(TODAY, TODAY)
    assert counted_on(TODAY, TODAY, 7) == TODAY
    assert is_overdue(day(-1), TODAY)
    assert counted_on(day(-1), TODAY, 7) == day(7)


def test_a_pool_is_pegged_to_sources_that_serve_it_or_that_free_units_for_it() -> None:
    sources = {"A": ("shared", "of-a"), "B": ("shared", "of-b"), "C": ("of-c",)}
    receipts = [
        due("PO-1", 4, 2, source="of-b"), due("PO-2", 5, 3, source="shared"),
        due("PO-3", 5, 4, source="of-a"), due("PO-4", 9, 1, source="nowhere"),
    ]
    queue = [
        waits("A1", 3, pool="A"), waits("B1", 5, pool="B"), waits("A2", 4, pool="A"),
        waits("C1", 1, pool="C"), waits("B2", 3, pool="B"),
    ]
    assert by_order(promise(queue, receipts, sources)) == {
        "A1": [(3, "PO-2", day(3))],
        "B1": [(4, "PO-1", day(2)), (1, "PO-2", day(3))],
        "A2": [(1, "PO-2", day(3)), (3, "PO-3", day(4))],
        "C1": [(1, None, None)],
        "B2": [(2, "PO-3", day(4)), (1, None, None)],
    }


def test_a_closed_receipt_is_pegged_to_nobody() -> None:
    (only,) = promise([waits("L1", 2)], [due("PO-1", 0, 1), due("PO-2", 2, 2)])
    assert parts(only) == [(2, "PO-2", day(2))]


def test_the_latest_of_no_days_is_not_known() -> None:
    assert latest([]) is None
    assert latest([date(2026, 3, 2), date(2026, 3, 1)]) == date(2026, 3, 2)


def test_an_undated_receipt_is_pegged_to_nobody() -> None:
    undated = due("PO-1", 5, 0)._replace(expected_date=None)
    first, second = promise([waits("L1", 2), waits("L2", 2)], [undated, due("PO-2", 2, 3)])
    assert parts(first) == [(2, "PO-2", day(3))]
    assert parts(second) == [(2, None, None)]
    assert not is_overdue(undated.expected_date, day(999))
