"""Rule 5.10: what a customer knows of a promise, what is to tell of it, and who was told."""

from datetime import timedelta
from typing import Any

import pytest

from stocktrail.projections.questions.to_tell import ToTell
from stocktrail.projections.verify import verify
from tests.projections.purchasing import DAY_0, Purchasing, day, number_of

Row = dict[str, Any]


def asked(shop: Purchasing, today: int | None = None, **fields: Any) -> Row:
    """Ask what is to tell on a day."""
    number = shop.today if today is None else today
    return ToTell(**fields, today=DAY_0 + timedelta(days=number)).answer(shop.models)


def news(
    shop: Purchasing, today: int | None = None, **fields: Any
) -> dict[str, tuple[int | None, str, int | None]]:
    """Return of each order what its customer knows, how sure the promise is, and its day."""
    return {
        row["order"]: (
            number_of(row["known_date"]), row["promise"], number_of(row["promise_date"])
        )
        for row in asked(shop, today, **fields)["rows"]
    }


def tell(shop: Purchasing, order: str, how: str = "phone", **more: Any) -> int:
    """Record that the customer of an order was told."""
    return shop.send("mark-told", order=order, how=how, **more)


@pytest.fixture
def promised(purchasing: Purchasing) -> Purchasing:
    """An order that waits for a purchase order which is expected on day 5."""
    purchasing.order_of("SO-1", 5, 0)
    purchasing.buy("PO-1", 5, 5)
    return purchasing


def test_a_promise_that_slipped_is_to_tell_until_somebody_tells_it(promised: Purchasing) -> None:
    assert news(promised) == {}
    promised.delay("PO-1", 9)
    assert news(promised) == {"SO-1": (5, "dated", 9)}
    [row] = asked(promised)["rows"]
    assert (row["days"], row["to_tell"], row["told_how"]) == (4, True, None)
    assert "PO-1 line 1" in row["cause"]["sentence"]
    tell(promised, "SO-1", note="she will wait")
    assert news(promised) == {}
    [row] = asked(promised, told="yes")["rows"]
    assert (row["told_how"], row["note"], row["known_date"]) == ("phone", "she will wait", day(9))
    assert asked(promised)["facets"]["told"] == 1


def test_what_they_know_is_what_they_were_told_last(promised: Purchasing) -> None:
    promised.delay("PO-1", 9)
    tell(promised, "SO-1")
    promised.delay("PO-1", 12)
    assert news(promised) == {"SO-1": (9, "dated", 12)}
    promised.delay("PO-1", 8)
    assert news(promised) == {}, "brought forward"


def test_a_slip_that_was_made_good_before_anybody_told_it_is_no_news(promised: Purchasing) -> None:
    promised.delay("PO-1", 9)
    promised.delay("PO-1", 5)
    assert news(promised) == {}


def test_a_date_that_is_lost_is_told_and_so_is_the_one_found_again(promised: Purchasing) -> None:
    promised.send("cancel-purchase-order", purchase_order="PO-1")
    assert news(promised) == {"SO-1": (5, "none", None)}
    tell(promised, "SO-1", "letter")
    assert news(promised) == {}
    promised.buy("PO-2", 5, 4)
    assert news(promised) == {"SO-1": (None, "dated", 4)}
    tell(promised, "SO-1", "e-mail")
    assert news(promised) == {}


def test_days_that_pass_tell_once_that_nobody_knows(promised: Purchasing) -> None:
    assert news(promised, 5) == {}
    assert news(promised, 6) == {"SO-1": (5, "uncertain", 7)}
    [row] = asked(promised, 6)["rows"]
    assert row["cause"]["sentence"] == (
        f"Purchase order PO-1 line 1 was expected on {day(5)} and has not come."
    )
    promised.on_day(6)
    tell(promised, "SO-1")
    assert news(promised, 6) == news(promised, 8) == {}
    promised.delay("PO-1", 20)
    assert news(promised) == {"SO-1": (None, "dated", 20)}


def test_goods_that_are_there_are_to_ship_and_not_to_tell(purchasing: Purchasing) -> None:
    purchasing.send("receive-stock", sku="A", quantity=5)
    purchasing.order_of("SO-1", 5, 1)
    assert news(purchasing, 9) == {}
    purchasing.send("reschedule-order", order="SO-1", reason="they are away", lines=[
        {"line": 1, "requested_date": day(20)}
    ])
    assert news(purchasing) == {}


def test_goods_that_wait_for_the_rest_of_their_order_are_to_tell(purchasing: Purchasing) -> None:
    purchasing.carry("B", 5)
    purchasing.send("place-order", order="SO-1", customer="Cy", ship_policy="complete", lines=[
        {"sku": sku, "quantity": 2, "requested_date": day(1)} for sku in "AB"
    ])
    purchasing.buy("PO-1", 2, 5)
    purchasing.delay("PO-1", 9)
    rows = asked(purchasing)["rows"]
    assert [(row["sku"], row["promise"], row["days"]) for row in rows] == [
        ("A", "dated", 4), ("B", "dated", 4),
    ]


def test_a_part_that_slipped_is_to_tell_though_the_last_date_stands(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 5, 0)
    purchasing.buy("PO-1", 2, 5)
    purchasing.buy("PO-2", 3, 9)
    purchasing.delay("PO-1", 7)
    assert news(purchasing) == {"SO-1": (9, "dated", 9)}
    tell(purchasing, "SO-1")
    assert news(purchasing) == {}


def test_who_was_told_a_day_that_has_moved_meanwhile_is_told_again(promised: Purchasing) -> None:
    promised.delay("PO-1", 9)
    promised.delay("PO-1", 12)
    tell(promised, "SO-1", lines=[{"line": 1, "told_date": day(9)}])
    assert news(promised) == {"SO-1": (9, "dated", 12)}
    tell(promised, "SO-1", lines=[{"line": 1, "told_date": "none"}])
    assert news(promised) == {"SO-1": (None, "dated", 12)}


def test_lines_are_told_one_by_one(purchasing: Purchasing) -> None:
    purchasing.carry_none("B")
    purchasing.send("place-order", order="SO-1", customer="Cy", lines=[
        {"sku": sku, "quantity": 1, "requested_date": day(0)} for sku in "AB"
    ])
    for number, sku in enumerate("AB", start=1):
        purchasing.buy(f"PO-{number}", 1, 5, sku=sku)
        purchasing.delay(f"PO-{number}", 9)
    assert [row["line"] for row in asked(purchasing)["rows"]] == [1, 2]
    tell(purchasing, "SO-1", lines=[{"line": 2}])
    assert [row["line"] for row in asked(purchasing)["rows"]] == [1]
    [first, second] = purchasing.order("SO-1", today=DAY_0)["lines"]
    assert (first["to_tell"], first["told"]) == (True, [])
    assert second["to_tell"] is False
    assert [each["told_date"] for each in second["told"]] == [day(9)]


def test_since_a_moment_only_what_moved_then(promised: Purchasing) -> None:
    promised.carry_none("B")
    promised.order_of("SO-2", 3, 1, sku="B")
    promised.buy("PO-2", 3, 6, sku="B")
    moment = promised.delay("PO-1", 9)
    promised.delay("PO-2", 9)
    assert set(news(promised)) == {"SO-1", "SO-2"}
    assert set(news(promised, since=str(moment))) == {"SO-2"}
    assert asked(promised, since=str(moment))["facets"]["to_tell"] == 1
    assert set(news(promised, 11, since=str(moment))) == {"SO-1", "SO-2"}, "uncertain by then"


def test_what_was_uncertain_before_a_moment_has_not_moved_since(promised: Purchasing) -> None:
    promised.delay("PO-1", 9)               # overdue from day 10 on
    moments = {}
    for number in (9, 10):
        promised.on_day(number)
        moments[number] = str(promised.carry_none(f"B-{number}"))
    told = {"SO-1": (5, "uncertain", 12)}
    assert news(promised, 11, since=moments[9]) == told
    assert news(promised, 11, since=moments[10]) == {}
    for number, rows in ((9, 1), (10, 0)):
        facets = asked(promised, 11, since=moments[number])["facets"]
        assert (facets["uncertain"], facets["to_tell"]) == (rows, rows)
    assert news(promised, 11, since="0") == news(promised, 11) == told
    assert news(promised, 11, since="2100-01-01") == {}


def test_every_count_is_the_total_of_its_list(promised: Purchasing) -> None:
    promised.order_of("SO-2", 3, 1)
    promised.order_of("SO-3", 2, 20)
    promised.buy("PO-2", 3, 6)
    promised.buy("PO-3", 2, 19)
    promised.delay("PO-1", 9)
    promised.send("cancel-purchase-order", purchase_order="PO-3")
    for today in (1, 8, 25):
        facets = asked(promised, today)["facets"]
        assert facets["to_tell"] == asked(promised, today)["total"]
        assert facets["late"] == asked(promised, today, late=True)["total"]
        assert facets["told"] == asked(promised, today, told="yes")["total"]
        for state in ("ready", "dated", "uncertain", "none"):
            assert facets[state] == asked(promised, today, promise=state)["total"]


def test_the_past_and_a_rebuild_say_the_same(promised: Purchasing) -> None:
    promised.order_of("SO-2", 3, 30)
    promised.delay("PO-1", 9)
    before = asked(promised, 2)
    tell(promised, "SO-1")
    after = asked(promised, 2, told="either")
    promised.delay("PO-1", 40)
    promised.send("cancel-order", order="SO-1")
    assert asked(promised, 2, as_of=str(before["as_of"])) == before
    assert asked(promised, 2, as_of=str(after["as_of"]), told="either") == after
    since = asked(promised, 2, as_of=str(after["as_of"]), told="either", since="1")
    assert since["rows"] == after["rows"]
    promised.models.rebuild()
    assert asked(promised, 2, as_of=str(after["as_of"]), told="either") == after
    assert verify(promised.models).findings == []
