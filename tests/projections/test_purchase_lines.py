"""Rule 6.5: how late a vendor was, and how much came, now and as of any position."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.time_zone import day_in
from stocktrail.projections.answers.purchase_lines import PurchaseLinesAt
from stocktrail.projections.as_of.opening import open_as_of
from tests.projections.purchasing import DAY_0, Purchasing, day
from tests.projections.test_promises_whatever_happens import shop_of_its_own, units


def lines(
    shop: Purchasing, today: int, as_of: int | None = None, vendor: str | None = None
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return every purchase line as a row, by its key."""
    with open_as_of(shop.models, as_of) as (reading, past):
        found = PurchaseLinesAt(reading, past, DAY_0 + timedelta(days=today), "UTC")
        rows = map(found.row_of, found.lines(vendor))
        return {(row["purchase_order"], row["line"]): row for row in rows}


def performance(shop: Purchasing, today: int, as_of: int | None = None) -> dict[str, Any]:
    """Judge all lines together."""
    with open_as_of(shop.models, as_of) as (reading, past):
        found = PurchaseLinesAt(reading, past, DAY_0 + timedelta(days=today), "UTC")
        return found.performance(found.lines()).as_json()


def test_a_vendor_is_judged_by_what_was_said_first(purchasing: Purchasing) -> None:
    shop = purchasing
    shop.buy("IN-TIME", 5, 2)
    shop.buy("PUT-OFF", 5, 2)
    shop.buy("SHORT", 5, 2)
    shop.buy("WITHDRAWN", 5, 2)
    shop.buy("NOT-YET", 5, 9)
    shop.delay("PUT-OFF", 6)
    shop.on_day(2)
    for name, came in (("IN-TIME", 5), ("SHORT", 3)):
        shop.send("receive-goods", purchase_order=name, receipt=name,
                  lines=[{"line": 1, "quantity": came}])
    before = shop.models.position()
    for name in ("SHORT", "WITHDRAWN"):
        shop.send("cancel-purchase-order", purchase_order=name)
    shop.on_day(5)
    shop.send("receive-goods", purchase_order="PUT-OFF", receipt="PUT-OFF")
    found = lines(shop, 5)
    assert {name: (row["due"], row["days_late"], row["in_full"])
            for (name, _), row in found.items()} == {
        "IN-TIME": (True, 0, True), "PUT-OFF": (True, 3, True), "SHORT": (True, 0, False),
        "WITHDRAWN": (False, 0, False), "NOT-YET": (False, 0, False),
    }
    assert performance(shop, 5) == {
        "due": 3, "on_time": 2, "late": 1, "in_full": 2, "short": 1, "on_time_in_full": 1,
        "on_time_percent": 66.7, "in_full_percent": 66.7, "on_time_in_full_percent": 33.3,
        "average_days_late": 1.0, "worst_days_late": 3,
    }
    assert performance(shop, 2, before)["due"] == 1
    assert performance(shop, 4, before)["worst_days_late"] == 2


def test_more_than_was_ordered_makes_nobody_late(purchasing: Purchasing) -> None:
    shop = purchasing
    shop.buy("PO-1", 5, 2)
    shop.on_day(1)
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    shop.on_day(7)
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-2",
              lines=[{"line": 1, "quantity": 2}])
    row = lines(shop, 7)["PO-1", 1]
    assert (row["received"], row["received_date"], row["days_late"]) == (70_000, day(1), 0)


def test_what_was_recorded_late_came_on_the_day_it_came(purchasing: Purchasing) -> None:
    shop = purchasing
    shop.buy("PO-1", 5, 2)
    shop.on_day(8)
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-1",
              lines=[{"line": 1, "quantity": 2}])
    shop.on_day(3)
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-2")
    assert lines(shop, 8)["PO-1", 1]["days_late"] == 6


def test_lines_are_those_of_the_vendor(purchasing: Purchasing) -> None:
    purchasing.buy("PO-1", 5, 2)
    purchasing.buy("PO-2", 5, 2, vendor="Bolt")
    assert list(lines(purchasing, 0, vendor="Bolt")) == [("PO-2", 1)]


def plainly(
    shop: Purchasing, until: int, today: date, zone: str
) -> Iterator[tuple[tuple[str, int], tuple[Any, ...]]]:
    """Read the log, and yield how each purchase line stands: the slow way."""
    ordered: dict[tuple[str, int], int] = {}
    first_ordered: dict[tuple[str, int], int] = {}
    first_day: dict[tuple[str, int], date | None] = {}
    received: dict[tuple[str, int], int] = {}
    cancelled: dict[tuple[str, int], int] = {}
    came: dict[tuple[str, int], list[int]] = {}
    for recorded in shop.ledger.read(0, until):
        event: Any = recorded.payload
        kind = type(event).__name__
        if not kind.startswith("PurchaseOrder"):
            continue
        for part in event.lines:
            key = (event.purchase_order, part.line)
            if kind == "PurchaseOrderPlaced":
                first_ordered[key] = ordered[key] = part.quantity
                first_day[key] = part.expected_date
                received[key] = cancelled[key] = 0
            elif kind == "PurchaseOrderReceived":
                if received[key] + cancelled[key] < ordered[key]:
                    came.setdefault(key, []).append(recorded.occurred_at)
                received[key] += part.quantity
            elif kind == "PurchaseOrderCancelled":
                cancelled[key] += part.quantity
            else:
                ordered[key] = part.quantity
                first_day[key] = first_day[key] or part.expected_date
    for key, first in first_day.items():
        left = max(ordered[key] - received[key] - cancelled[key], 0)
        end = today if left else day_in(max(came[key]), zone) if key in came else None
        due = first is not None and end is not None and (not left or first < today)
        late = (end - first).days if due and end and first else 0
        full = due and not left and received[key] >= first_ordered[key]
        yield key, (left, due, max(late, 0), full)


@settings(max_examples=4)
@given(st.lists(units, min_size=4, max_size=14))
def test_whatever_happens_lines_are_what_the_log_says(
    drawn: list[tuple[int, list[dict[str, Any]]]],
) -> None:
    with shop_of_its_own() as shop:
        positions = []
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                positions.append((shop.try_together(unit)[1], shop.today))
        for position, today in positions:
            found = {
                key: (row["remaining"], row["due"], row["days_late"], row["in_full"])
                for key, row in lines(shop, today, position).items()
            }
            expected = plainly(shop, position, DAY_0 + timedelta(days=today), "UTC")
            assert found == dict(expected)
