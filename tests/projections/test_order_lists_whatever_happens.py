"""Whatever happens: a list says of each order what the order's own report says, then and now."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions.listed import Listed
from stocktrail.projections.questions.orders import OrderList
from stocktrail.projections.questions.purchase_order import purchase_order
from stocktrail.projections.questions.purchase_orders import PurchaseOrderList
from tests.projections.purchasing import DAY_0, Purchasing, day
from tests.projections.test_all_items_whatever_happens import more_wishes
from tests.projections.test_promises_whatever_happens import shop_of_its_own
from tests.projections.test_read_models_agree import ORDERS

PURCHASES = ("PO-1", "PO-2", "PO-3", "PO-4")

histories = st.lists(st.tuples(st.integers(0, 2), more_wishes), min_size=5, max_size=9)


def bought(shop: Purchasing) -> dict[str, dict[str, Any]]:
    """Read each purchase order by itself, and say what its row of the list has to be."""
    found = {}
    for name in PURCHASES:
        try:
            report = purchase_order(shop.models, name, today=DAY_0 + timedelta(days=shop.today))
        except Refusal:
            continue
        lines = report["lines"]
        to_come = [line for line in lines if line["remaining"]]
        waiting = [each for line in lines for each in line["waiting"]]
        found[name] = {
            "vendor": report["vendor"], "status": report["status"], "lines": len(lines),
            **{
                column: sum(line[column] for line in lines)
                for column in ("ordered", "received", "cancelled", "remaining", "slips")
            },
            "expected_date": min(
                (line["expected_date"] for line in to_come if line["expected_date"]), default=None
            ),
            "days_late": max((line["days_late"] for line in lines), default=0),
            "orders_waiting": len({each["order"] for each in waiting}),
            "pegged": sum(each["quantity"] for each in waiting),
            "open": bool(to_come), "overdue": any(line["overdue"] for line in lines),
            "undated": any(line["undated"] for line in lines),
            "unconfirmed": bool(to_come) and not report["confirmed"],
            "waited_for": bool(waiting), "is_received": report["status"] == "received",
            "is_cancelled": report["status"] == "cancelled",
        }
    return found


def sold(shop: Purchasing) -> dict[str, dict[str, Any]]:
    """Read each order by itself, and say what its row of the list has to be."""
    today = DAY_0 + timedelta(days=shop.today)
    found = {}
    for name in ORDERS:
        try:
            report = shop.order(name, today=today)
        except Refusal:
            continue
        lines = [line for line in report["lines"] if line["remaining"]]
        waits = [line for line in lines if line["managed"] and any(
            part["purchase_order"] or part["promise_date"] is None for part in line["promises"]
        )]
        dates = [line["promise_date"] for line in lines]
        ships = [sum(
            part["quantity"] for part in line["promises"]
            if part["purchase_order"] is None and part["ready_date"] == today.isoformat()
        ) for line in lines]
        found[name] = {
            "customer": report["customer"], "status": report["status"], "pool": report["pool"],
            "remaining": sum(line["remaining"] for line in lines),
            "uncovered": sum(line["uncovered"] for line in lines),
            "requested_date": min((line["requested_date"] for line in lines), default=None),
            "promise_date": None if None in dates else max(dates, default=None),
            "lines": len(report["lines"]), "open": bool(lines), "waiting": bool(waits),
            "ready": any(ships) and (
                report["ship_policy"] == "partial"
                or sum(ships) == sum(line["remaining"] for line in lines)
            ),
            "is_uncovered": any(line["uncovered"] for line in lines),
            "late": any(
                line["lost"] or (line["promise_date"] or today.isoformat()) > line["requested_date"]
                for line in lines
            ),
            "uncertain": any(line["uncertain"] for line in lines),
            "shipped": report["status"] == "complete",
            "cancelled": report["status"] == "cancelled",
        }
    return found


def assert_list_is(kind: type[Listed], shop: Purchasing, rows: dict[str, dict[str, Any]]) -> None:
    """See that a list has just these rows, and that its figures are counted from them."""
    report = ask(kind, shop)
    key = kind.definition.key[0]
    listed = {row[key]: row for row in report["rows"]}
    assert {
        name: {column: listed[name][column] for column in row} for name, row in rows.items()
    } == rows
    assert report["total"] == len(report["rows"]) == len(rows)
    for facet, number in report["facets"].items():
        flag = kind.definition.flag(facet)
        assert number == sum(row[flag] for row in listed.values())
    facet = kind.definition.facets[shop.today % len(kind.definition.facets)]
    assert {row[key] for row in ask(kind, shop, facets=[facet])["rows"]} == {
        name for name, row in listed.items() if row[kind.definition.flag(facet)]
    }
    for column, total in report["totals"].items():
        assert total == sum(row[column] for row in listed.values())


def ask(kind: type[Listed], shop: Purchasing, **asked: Any) -> Any:
    """Ask for a list on the shop's day."""
    today = (DAY_0 + timedelta(days=shop.today)).isoformat()
    return kind(**{"today": today, **asked}).answer(shop.models)      # type: ignore[attr-defined]


def answers(shop: Purchasing, **when: Any) -> list[Any]:
    """Ask for some pages of the lists."""
    of_vendors: tuple[dict[str, Any], ...] = (
        {}, {"sort": "-expected_date", "limit": 1}, {"facets": ["open"], "sort": "vendor"},
        {"q": "o-1"}, {"vendor": "W"}, {"item": "B"}, {"facets": ["waited_for", "overdue"]},
    )
    of_customers: tuple[dict[str, Any], ...] = (
        {}, {"sort": "-promise_date", "limit": 1}, {"facets": ["late"]}, {"customer": "Ann"},
        {"pool": "EU", "facets": ["open"]}, {"facets": ["ready", "waiting"]},
        {"placed_from": day(2), "placed_until": day(4), "sort": "remaining"},
    )
    return [
        *(ask(PurchaseOrderList, shop, **each, **when) for each in of_vendors),
        *(ask(OrderList, shop, **each, **when) for each in of_customers),
    ]


def play(shop: Purchasing, drawn: list[tuple[int, dict[str, Any]]]) -> None:
    """Play a history; compare lists with reports, and later with what they were."""
    live: dict[int, tuple[int, list[Any]]] = {}
    for passed, wished in drawn:
        shop.on_day(shop.today + passed)
        _, position = shop.try_together([wished])
        assert_list_is(PurchaseOrderList, shop, bought(shop))
        assert_list_is(OrderList, shop, sold(shop))
        live[position] = shop.today, answers(shop)
    shop.send("count-stock", sku="A", counted=77)
    for position, (today, answered) in live.items():
        shop.on_day(today)
        assert answers(shop, as_of=str(position)) == answered


@settings(max_examples=2)
@given(histories)
def test_lists_say_what_reports_say(drawn: list[tuple[int, dict[str, Any]]]) -> None:
    with shop_of_its_own() as shop:
        play(shop, drawn)


@settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_lists_say_it_in_every_database(
    purchasing: Purchasing, drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    purchasing.send("register-product", sku="B")
    play(purchasing, drawn)
