"""The one search: compared with a plain reading of the log, and scene by scene."""

from collections.abc import Iterator
from random import Random

import pytest

from stocktrail.ledger.orders.events import OrderPlaced, OrderShipped
from stocktrail.ledger.purchase_orders.events import PurchaseOrderPlaced, PurchaseOrderReceived
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.events import ProductRegistered
from stocktrail.projections.answers.search import matches
from stocktrail.projections.questions.search import SearchEverything
from tests.projections.shop import Shop

Key = tuple[str, str]


def keys(shop: Shop, text: str, **asked: object) -> list[Key]:
    """Return the kind and the key of what is found."""
    question = SearchEverything.model_validate({"text": text, "limit": 100, **asked})
    report = question.answer(shop.models)
    return [(row["kind"], row["key"]) for row in report["rows"]]


def read_plainly(shop: Shop, text: str, until: int) -> set[Key]:
    """Read all numbers and names that hold each word of a text from the log itself."""
    names: dict[str, str | None] = {}
    found: set[tuple[Key, str]] = set()
    for recorded in shop.ledger.read(0, until):
        for key, also in _numbers(recorded.payload, names):
            found.add((key, f"{key[1]}\n{also}"))
    found |= {(("item", sku), f"{sku}\n{name or ''}") for sku, name in names.items()}
    words = text.lower().split()
    return {key for key, searched in found if all(each in searched.lower() for each in words)}


def _numbers(event: object, names: dict[str, str | None]) -> Iterator[tuple[Key, str]]:
    if isinstance(event, ProductRegistered):
        names[event.sku] = event.name
    elif isinstance(event, OrderPlaced):
        yield ("order", event.order), ""
        yield ("customer", event.customer), ""
    elif isinstance(event, OrderShipped):
        yield ("shipment", event.shipment), ""
    elif isinstance(event, PurchaseOrderPlaced):
        yield ("purchase_order", event.purchase_order), ""
        yield ("vendor", event.vendor), ""
    elif isinstance(event, PurchaseOrderReceived):
        yield ("receipt", event.receipt), ""


def a_shop_at_work(shop: Shop, chance: Random) -> None:
    """Register, sell, ship, buy and receive under names that are much alike."""
    for number in range(6):
        shop.send(
            "register-product", sku=f"K-{number}0%", name=chance.choice(("Käse", "KÄSE rot", "_")),
        )
        shop.send("receive-stock", sku=f"K-{number}0%", quantity=50)
    for number in range(12):
        order, sku = f"so-{chance.randrange(10_000)}", f"K-{chance.randrange(6)}0%"
        customer = chance.choice(("Île 10", "ÎLE 20", "100%", "Ottilies Käseladen"))
        placed, _ = shop.try_to(
            "place-order", order=order, customer=customer, lines=[{"sku": sku, "quantity": 1}],
        )
        if placed == "accepted" and chance.random() < .6:
            shop.send("ship-order", order=order, shipment=f"P_{chance.randrange(100)}")
        if number % 3 == 0:
            purchase = f"Po-{number}"
            shop.send(
                "place-purchase-order", purchase_order=purchase, vendor=f"Vendor {number}",
                lines=[{"sku": sku, "quantity": 2}],
            )
            shop.send("receive-goods", purchase_order=purchase, receipt=f"R{number}-so")
    shop.send("register-product", sku="K-00%", name="renamed")


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_found_is_what_the_log_holds_now_and_at_a_moment(shop: Shop, seed: int) -> None:
    a_shop_at_work(shop, Random(seed))
    head = shop.ledger.head().position
    for text in ("so", "SO-1", "käse", "KÄSE", "île 1", "%", "_", "k- 0", "vendor", "r", "named",
                 "!", "nothing like it"):
        for until in (head, head // 2):
            found = keys(shop, text, names=False, as_of=str(until))
            assert len(found) == len(set(found))
            assert set(found) == read_plainly(shop, text, until), (text, until)


def test_the_best_comes_first_and_of_those_alike_the_latest(shop: Shop) -> None:
    shop.carry("A", 50)
    for number in ("1042", "X-1042-B", "SO-1042", "SO-11042", "SO-10421"):
        shop.sell(number, "A", 1)
    assert [key for kind, key in keys(shop, "1042") if kind == "order"] == [
        "1042", "SO-11042", "SO-1042", "SO-10421", "X-1042-B",
    ]
    report = SearchEverything(text="1042", limit=2).answer(shop.models)
    assert [row["key"] for row in report["rows"] if row["kind"] == "order"] == ["1042", "SO-11042"]
    assert report["more"] == ["order"]
    assert [row["whole"] for row in report["rows"]] == [True, False]


def test_a_number_is_a_position_too_once_the_log_has_it(shop: Shop) -> None:
    shop.carry("A", 5)
    assert keys(shop, "2") == keys(shop, "#2") == keys(shop, "Position 2") == [("event", "2")]
    assert keys(shop, "0") == keys(shop, "99") == keys(shop, "9" * 30) == []
    assert keys(shop, "2", as_of="1") == []


def test_customers_are_found_by_name_where_it_may_be_known(shop: Shop) -> None:
    shop.send("register-customer", customer="C-7", name="Ada Lovelace", email="ada@example.org")
    shop.send("register-customer", customer="C-8", name="Bob")
    assert keys(shop, "LOVE ada") == [("customer", "C-7")]
    assert keys(shop, "c-") == [("customer", "C-8"), ("customer", "C-7")]
    assert keys(shop, "example.org") == []
    for_others = SearchEverything(text="love").seen_by(is_admin=False)
    assert for_others.answer(shop.models) | {"as_of": 0} == {
        "text": "love", "as_of": 0, "names_searched": None, "more": [], "rows": [],
    }
    assert keys(shop, "c-7", names=False) == [("customer", "C-7")]


def test_who_was_erased_is_found_by_id_alone(shop: Shop) -> None:
    shop.send("register-customer", customer="C-7", name="Ada Lovelace")
    shop.send("erase-customer", customer="C-7", reason="asked for it")
    assert keys(shop, "love") == []
    assert keys(shop, "c-7") == [("customer", "C-7")]
    shop.models.rebuild()
    assert keys(shop, "love") == []


def test_only_the_latest_names_are_looked_at(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        shop.send("register-customer", customer=f"C-{number}", name=f"Name {number}")
    monkeypatch.setattr(matches, "MOST_NAMES", 2)
    report = SearchEverything(text="name").answer(shop.models)
    assert {row["key"] for row in report["rows"]} == {"C-1", "C-2"}
    assert report["names_searched"] == 2


def test_a_moment_that_the_log_has_not_reached_is_refused(shop: Shop) -> None:
    with pytest.raises(Refusal, match="ends at"):
        SearchEverything(text="a", as_of="40").answer(shop.models)
