"""Splits: who gives and who gets, with plain numbers and over plain HTTP."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from stocktrail.interfaces.dashboard.split_plan import CannotSplit, OrderShare, moves_of
from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.page_form import send_form


def test_what_is_written_is_got_and_nothing_is_made_or_lost() -> None:
    chance = random.Random(16)
    done = 0
    for _ in range(400):
        shares = [
            OrderShare(f"SO-{number}", wanted, chance.randint(0, wanted), {})
            for number, wanted in enumerate(chance.choices(range(10), k=chance.randint(1, 6)))
        ]
        changed = chance.sample(shares, chance.randint(0, len(shares)))
        changes = {share.order: chance.randint(-3, 3) for share in changed}
        possible = all(
            0 <= share.allocated + changes.get(share.order, 0) <= share.remaining
            for share in shares
        )
        others = [share for share in shares if share.order not in changes]
        missing = sum(changes.values())
        enough = -sum(share.backordered for share in others) <= missing <= sum(
            share.allocated for share in others)
        if not (possible and enough):
            with pytest.raises(CannotSplit):
                moves_of(shares, changes)
            continue
        gains: Counter[str] = Counter()
        for move in moves_of(shares, changes):
            assert move.quantity > 0
            gains[move.from_order] -= move.quantity
            gains[move.to_order] += move.quantity
        assert sum(gains.values()) == 0
        assert all(gains[order] == gain for order, gain in changes.items())
        assert all(0 <= share.allocated + gains[share.order] <= share.remaining for share in shares)
        done += 1
    assert done > 100


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Served]:
    """Return a shop with 4 kettles, of which Anna has all; Bert and Carla wait for some."""
    with served(sqlite_url) as running:
        running.accept("register-product", sku="KETTLE")
        running.accept("receive-stock", sku="KETTLE", quantity=4)
        running.accept("set-backorder-policy", backorders="allow")
        for number, customer in enumerate(("Anna", "Bert", "Carla"), 1):
            running.accept("place-order", order=f"SO-{number}", customer=customer, lines=[
                {"sku": "KETTLE", "quantity": 4, "requested_date": f"2030-01-0{number}"}])
        running.ask("/stock/KETTLE")
        yield running


def allocated(shop: Served) -> list[int]:
    rows = shop.ask("/backorders/customer", sort="order")["rows"]
    return [row["allocated"] for row in rows]


def test_one_number_is_changed_and_the_others_make_up_for_it(shop: Served) -> None:
    page = shop.client.get("/view/items/KETTLE/split")
    tried = send_form(shop, page, "try", **{"gets-SO-3": "3"})
    assert "from order SO-1 line 1 to order SO-3 line 1" in tried.text
    assert allocated(shop) == [4, 0, 0]
    assert send_form(shop, page, "try", **{"gets-SO-1": "1"}).text.count("to order SO-2") == 1
    several = send_form(shop, page, "try", **{"gets-SO-1": "0", "gets-SO-2": "1"})
    done = send_form(shop, several, "apply", 1)
    assert done.status_code == 303
    assert done.headers["location"].startswith("/view/items/KETTLE/split?recorded=")
    assert allocated(shop) == [0, 1, 3]


def test_what_cannot_be_is_said_at_its_number(shop: Served) -> None:
    page = shop.client.get("/view/items/KETTLE/split")
    for text, said in (
        ("7", "Order SO-2 wants 4 in all"), ("-1", "less than nothing"), ("much", "no quantity"),
        ("0", "Change what an order gets"), ("1.00000001", "no quantity"),
    ):
        answer = send_form(shop, page, "try", **{"gets-SO-2": text})
        assert answer.status_code == 422
        assert said in answer.text
    nobody = send_form(shop, page, "try", **{"gets-SO-1": "1", "gets-SO-2": "0",
                                             "gets-SO-3": "0"})
    assert nobody.status_code == 200         # 0 is what they have: Bert, the first in the queue
    empty = shop.client.get("/view/items/KETTLE/split?pool=default&as_of=3")
    assert "No order is open" in empty.text


def test_who_may_only_read_sees_what_each_has_without_a_form(shop: Served) -> None:
    position = shop.service.ledger.head().position
    past = shop.client.get(f"/view/items/KETTLE/split?as_of={position}").text
    assert "SO-3" in past
    assert 'method="post"' not in past


def test_a_fraction_is_tried_and_refused_only_of_what_comes_in_whole_units(shop: Served) -> None:
    page = shop.client.get("/view/items/KETTLE/split")
    answer = send_form(shop, page, "try", **{"gets-SO-3": "0.5"})
    assert "KETTLE comes in whole units only; 0.5 is not a whole number." in answer.text
    shop.accept("register-product", sku="KETTLE", decimal=True)
    tried = send_form(shop, page, "try", **{"gets-SO-3": "0.5"})
    assert send_form(shop, tried, "apply", 1).status_code == 303
    assert allocated(shop) == [3.5, 0, 0.5]


def test_a_problem_stands_where_the_preview_would(shop: Served) -> None:
    """What htmx selects of an answer is in it, else the preview vanishes without a word."""
    page = shop.client.get("/view/items/KETTLE/split")
    answer = send_form(shop, page, "try", reason="x" * 1001, **{"gets-SO-3": "1"})
    assert answer.status_code == 422
    _, _, outcome = answer.text.partition('id="outcome"')
    assert "1000 characters" in outcome
