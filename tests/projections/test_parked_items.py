"""An item whose numbers no database can hold is parked and said so; everything else goes on.

A ledger of an earlier version may hold an order that passes every bound; here it is taken by
lifting the bound for a moment.
"""

from collections.abc import Callable

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock import movements, reservations
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels, read_models
from stocktrail.projections.models import parked_items
from stocktrail.projections.questions.availability import availability
from stocktrail.projections.questions.backlog import backlog
from stocktrail.projections.questions.backorders import backorders
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.order import order as order_report
from stocktrail.projections.questions.products import ItemGrid
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.questions.stock_list import stock_list
from stocktrail.projections.verify import verify
from tests.commands.scenes import backorders as backorders_allowed
from tests.commands.scenes import given, order, pool, product, receive, source
from tests.interfaces.api.serving import served

EXACT = 99_999_999_999
LARGE = [EXACT] * 30
LOW = 20 * 10**15
"""A bound that so many lines pass, so that most scenes are quick."""


@pytest.fixture(autouse=True)
def no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide as an earlier version did."""
    for module in (reservations, movements):
        monkeypatch.setattr(module, "LIMIT", 10**40)


@pytest.fixture
def shop(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Return a shop of two items, of which one was ordered beyond the bound."""
    monkeypatch.setattr(parked_items, "MOST", LOW)
    given(
        ledger, product("A"), product("B"), backorders_allowed(), receive(5), receive(5, sku="B"),
        {"command": "set-quantity-rules", "max_sale": "off"}, order("SO-1", 2),
        order("SO-2", *LARGE), order("SO-3", 7, sku="B"),
    )
    return ledger


def parked_at(ledger: Ledger) -> int:
    """Return the position of the event that takes the demand for the item too far."""
    demand = 2
    for number, line in enumerate(LARGE):
        demand += line
        if demand * 10_000 >= LOW:
            recorded = [each for each in ledger.read(0, 10_000)
                        if each.originator_id == "stock/A"
                        and getattr(each.payload, "order", "") == "SO-2"]
            return recorded[number].position
    raise AssertionError("it fits")


def test_an_order_past_every_integer_stops_nothing(ledger: Ledger) -> None:
    given(
        ledger, product("A"), product("B"), backorders_allowed(), receive(5), receive(5, sku="B"),
        {"command": "set-quantity-rules", "max_sale": "off"}, order("SO-2", *[EXACT] * 9_224),
        order("SO-3", 7, sku="B"),
    )
    models = ReadModels(ledger)
    assert models.catch_up() == ledger.head().position
    assert [each["sku"] for each in models.status()["parked"]] == ["A"]
    assert stock(models, "B")["demand"] == 7
    assert [row["sku"] for row in backorders(models, "item", sort="open_demand")["rows"]] == ["B"]


def test_the_others_go_on_and_whoever_asks_about_it_is_told(shop: Ledger) -> None:
    models = ReadModels(shop)
    assert models.catch_up() == shop.head().position
    assert stock(models, "B")["demand"] == 7
    (told,) = models.status()["parked"]
    assert (told["sku"], told["position"]) == ("A", parked_at(shop))
    questions: list[Callable[[], object]] = [
        lambda: stock(models, "A"), lambda: availability(models, "A", 1),
        lambda: history(models, "A"),
    ]
    for question in questions:
        with pytest.raises(Refusal, match="A is parked since position") as refused:
            question()
        assert refused.value.code == "item_parked"


def test_lists_leave_it_out_and_name_it(shop: Ledger) -> None:
    models = ReadModels(shop)
    models.catch_up()
    for sort in ("sku", "open_demand", "-backordered", "uncovered", "suggested_order_quantity"):
        found = backorders(models, "item", sort=sort)
        assert ([row["sku"] for row in found["rows"]], found["parked"]) == (["B"], ["A"])
    grid = ItemGrid(sort="on_hand", limit=9).answer(models)
    assert ([row["sku"] for row in grid["rows"]], grid["parked"]) == (["B"], ["A"])
    listed = stock_list(models, limit=1)
    assert ([row["sku"] for row in listed["rows"]], listed["parked"]) == (["B"], ["A"])
    assert order_report(models, "SO-2")["lines"][0]["ordered"] == EXACT
    assert backlog(models)["rows"]


def test_what_comes_after_is_passed_over_whatever_it_is(shop: Ledger) -> None:
    models = ReadModels(shop)
    models.catch_up()
    given(
        shop, source("berlin"), receive(3), receive(3, source="berlin"), receive(1, sku="B"),
        order("SO-4", 1, sku="B"), pool("EU", "berlin", "default"),
        {"command": "disable-source", "source": "berlin"}, backorders_allowed("no"),
        {"command": "cancel-order", "order": "SO-2"},
    )
    assert models.catch_up() == shop.head().position
    assert [each["sku"] for each in models.status()["parked"]] == ["A"]
    assert stock(models, "B")["demand"] == 8


@pytest.mark.parametrize("at_once", [1, 7, 100_000])
def test_it_is_parked_at_the_same_event_however_the_log_is_cut_and_rebuilt(
    shop: Ledger, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(shop, receive(3), {"command": "cancel-order", "order": "SO-2"}, order("SO-9", 1, sku="B"))
    monkeypatch.setattr(read_models, "EVENTS_PER_BATCH", at_once)
    models = ReadModels(shop)
    models.catch_up()
    live = verify(models)
    assert [each.code for each in live.findings] == ["item_parked"]
    assert live.exit_status == 64
    models.rebuild()
    rebuilt = verify(models)
    assert rebuilt.digests == live.digests
    assert [each.details["position"] for each in rebuilt.findings] == [parked_at(shop)]


def test_the_past_before_it_is_known_and_after_it_is_not(shop: Ledger) -> None:
    models = ReadModels(shop)
    models.catch_up()
    first = next(each.position for each in shop.read(0, 100)
                 if getattr(each.payload, "order", "") == "SO-1")
    (row,) = backorders(models, "item", as_of=first + 1)["rows"]
    assert (row["sku"], row["open_demand"]) == ("A", 2)
    found = backorders(models, "item", as_of=shop.head().position - 1)
    assert "A" not in [row["sku"] for row in found["rows"]]


def test_over_http_and_in_the_browser_it_is_said_where_one_looks(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parked_items, "MOST", LOW)
    with served(sqlite_url) as api:
        given(
            api.service.ledger, product("A"), product("B"), backorders_allowed(), receive(5),
            {"command": "set-quantity-rules", "max_sale": "off"}, order("SO-2", *LARGE),
        )
        (row,) = api.ask("/stock")["rows"]
        assert row["sku"] == "B"
        answer = api.client.get("/stock/A")
        assert (answer.status_code, answer.json()["code"]) == (503, "item_parked")
        assert [each["sku"] for each in api.ask("/status")["parked"]] == ["A"]
        assert "stocktrail_parked_items 1.0" in api.client.get("/metrics").text
        assert api.client.get("/readyz").status_code == 200
        for page in ("/", "/view/items"):
            assert "data-parked" in api.client.get(page).text
