"""What the dashboard begins with: counts of the day, the backlog over time, an item's chart."""

from datetime import timedelta

from stocktrail.projections.questions.backlog import backlog
from stocktrail.projections.questions.latest_notices import latest_notices
from stocktrail.projections.questions.low_stock import low_stock
from stocktrail.projections.questions.notices import notices
from stocktrail.projections.questions.overview import LISTS, overview
from stocktrail.projections.questions.replenishment import Replenishment
from stocktrail.projections.questions.stock_chart import stock_chart
from stocktrail.projections.questions.to_tell import ToTell
from tests.projections.purchasing import DAY_0, Purchasing, day


def test_the_overview_counts_who_waits_and_for_what(purchasing: Purchasing) -> None:
    purchasing.carry("B", 5)
    purchasing.order_of("SO-1", 4, 1)
    purchasing.order_of("SO-2", 2, 1)
    purchasing.order_of("SO-3", 3, 1, sku="B")
    purchasing.buy("PO-1", 5, 2)
    counts = overview(purchasing.models, today=DAY_0)["counts"]
    assert counts == {
        "open_lines": 3, "lines_waiting": 2, "lines_late": 1, "lines_slipped": 0,
        "lines_uncertain": 0, "items_short": 1,
        "items_uncovered": 1, "items_below_level": 0, "items_undated": 0, "orders_undated": 0,
        "customers_waiting": 2, "open_receipts": 1, "receipts_overdue": 0,
        "receipts_hitting": 0, "late_receipts": 0, "orders_ready": 1, "low_stock": 1,
        "lines_late_untold": 0, "lines_to_tell": 0,
    }
    later = overview(purchasing.models, today=DAY_0 + timedelta(days=3))
    assert later["today"] == day(3)
    assert [later["counts"][name] for name in ("receipts_overdue", "receipts_hitting")] == [1, 1]


def test_the_overview_can_be_asked_as_of_a_position(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 4, 1)
    position = purchasing.order_of("SO-2", 2, 1)
    purchasing.send("cancel-order", order="SO-1")
    assert overview(purchasing.models, as_of=position)["counts"]["lines_waiting"] == 2
    assert overview(purchasing.models)["counts"]["lines_waiting"] == 1


def test_the_overview_looks_through_all_lines_before_it_shows_some(
    purchasing: Purchasing,
) -> None:
    purchasing.carry("B", 50)
    for number in range(9):                 # asked for long ago, but they wait for nothing
        purchasing.order_of(f"OLD-{number}", 1, -9, sku="B")
    purchasing.order_of("SO-1", 4, -2)
    found = overview(purchasing.models, today=DAY_0, rows=8)
    assert [row["order"] for row in found["lists"]["lines_late"]["rows"]] == ["SO-1"]
    assert found["counts"]["lines_late"] == 1


def test_every_count_is_the_total_of_its_list(purchasing: Purchasing) -> None:
    purchasing.carry_none("B")
    for number in range(3):
        purchasing.order_of(f"SO-{number}", 4, number)
        purchasing.order_of(f"TO-{number}", 2, number, sku="B")
        purchasing.buy(f"PO-{number}", 3, number - 1)
    position = purchasing.delay("PO-2", 9)
    purchasing.send("receive-goods", purchase_order="PO-2", receipt="R-1")
    for as_of in (None, position):
        for today in (0, 2, 12):
            day = DAY_0 + timedelta(days=today)
            found = overview(purchasing.models, as_of=as_of, today=day, rows=2)
            for name, each in LISTS.items():
                filters = each.filters(purchasing.models)
                page = purchasing.page(
                    each.by, filters, sort=each.sort, limit=2, as_of=as_of, today=today
                )
                assert found["counts"][name] == page["total"], name
                if name in found["lists"]:
                    assert found["lists"][name]["rows"] == page["rows"]
                    assert found["lists"][name]["total"] == page["total"]
            for name, late in (("lines_late_untold", True), ("lines_to_tell", False)):
                listed = ToTell(today=day, as_of=as_of, late=late).answer(purchasing.models)
                assert found["counts"][name] == listed["total"]
            for facet in ("uncovered", "below_level"):
                asked = Replenishment.model_validate(
                    {"today": day, "as_of": as_of, "facet": [facet], "limit": 2}
                )
                listed = asked.answer(purchasing.models)
                assert found["counts"][f"items_{facet}"] == listed["total"]
                if facet == "uncovered":
                    assert found["lists"]["items_uncovered"]["rows"] == listed["rows"]
            assert found["counts"]["low_stock"] == low_stock(
                purchasing.models, as_of=as_of
            )["total"]


def test_what_is_ordered_without_a_date_is_not_to_be_ordered_again(
    purchasing: Purchasing,
) -> None:
    purchasing.order_of("SO-1", 4, 1)
    before = overview(purchasing.models)
    assert before["counts"]["items_uncovered"] == 1
    position = purchasing.send("place-purchase-order", purchase_order="PO-1", vendor="Acme",
                               lines=[{"sku": "A", "quantity": 4}])
    for found in (overview(purchasing.models), overview(purchasing.models, as_of=position)):
        counts = found["counts"]
        assert (counts["items_uncovered"], counts["items_undated"], counts["orders_undated"]) == (
            0, 1, 1
        )
        assert found["lists"]["items_undated"]["rows"] == [
            {"sku": "A", "quantity": 4, "purchase_order": "PO-1", "vendor": "Acme"}
        ]
    purchasing.order_of("SO-2", 1, 1)
    assert overview(purchasing.models)["counts"]["items_uncovered"] == 1


def test_the_backlog_is_what_waited_at_the_end_of_each_day(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 4, 1)
    purchasing.on_day(2)
    purchasing.order_of("SO-2", 3, 4)
    purchasing.send("cancel-order", order="SO-1")
    purchasing.on_day(5)
    purchasing.send("receive-stock", sku="A", quantity=10)
    rows = backlog(purchasing.models)["rows"]
    assert [(row["date"], row["change"], row["backordered"]) for row in rows] == [
        (day(0), 4, 4), (day(2), -1, 3), (day(5), -3, 0),
    ]


def test_the_backlog_of_a_pool_and_item_and_of_an_earlier_moment(purchasing: Purchasing) -> None:
    purchasing.carry_none("B")
    position = purchasing.order_of("SO-1", 4, 1)
    purchasing.order_of("SO-2", 3, 1, sku="B")

    def backordered(**asked: object) -> object:
        return backlog(purchasing.models, **asked)["rows"][-1]["backordered"]  # type: ignore[arg-type]

    assert backordered() == 7
    assert backordered(sku="B") == 3
    assert backordered(pool="default", as_of=position) == 4


def test_a_chart_has_what_was_and_what_is_expected(purchasing: Purchasing) -> None:
    purchasing.send("receive-stock", sku="A", quantity=6)
    purchasing.on_day(1)
    position = purchasing.order_of("SO-1", 4, 3)
    purchasing.send("ship-order", order="SO-1", shipment="SH-1")
    purchasing.order_of("SO-2", 5, 4)
    purchasing.buy("PO-1", 9, 6)
    found = stock_chart(purchasing.models, "A", today=DAY_0 + timedelta(days=1))
    assert [quantity for _, quantity in found["on_hand"]][-1] == 2
    assert [quantity for _, quantity in found["available"]][-1] == -3
    expected = [(row["date"], row["balance"]) for row in found["expected"]]
    assert expected == [(day(4), -3), (day(6), 6)]
    assert (found["unlimited"], found["supply"]) == (True, 2)

    then = stock_chart(purchasing.models, "A", as_of=position)
    assert [quantity for _, quantity in then["on_hand"]] == [6]
    assert [quantity for _, quantity in then["available"]] == [6, 2]


def test_the_latest_notices_stand_first_and_pages_end_between_positions(
    purchasing: Purchasing,
) -> None:
    purchasing.order_of("SO-1", 4, 1)
    purchasing.order_of("SO-2", 2, 1)
    purchasing.buy("PO-1", 6, 2)
    first_delay = purchasing.delay("PO-1", 5)
    purchasing.delay("PO-1", 9)
    every = notices(purchasing.models)["rows"]
    assert len(every) == 5                  # low stock, and two slips each time
    page = latest_notices(purchasing.models, limit=1)
    assert page["rows"] == every[:2:-1]
    found, before = [], None
    while True:
        page = latest_notices(purchasing.models, limit=1, before=before)
        found += page["rows"]
        before = page["next"]
        if before is None:
            break
    assert found == every[::-1]
    then = latest_notices(purchasing.models, limit=9, as_of=first_delay)
    assert then["rows"] == every[2::-1]
