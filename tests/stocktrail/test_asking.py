"""Questions from Python: typed, of now or of an earlier moment, never behind what was written."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

import stocktrail
from stocktrail import questions
from stocktrail.commands import (
    NewLine,
    PlaceOrder,
    PlacePurchaseOrder,
    PurchaseLine,
    ReceiveStock,
    RegisterProduct,
    SetBackorderPolicy,
)
from stocktrail.interfaces import question_names
from stocktrail.questions import Availability, Backorders, Difference, Promise, Stock
from tests.house.generated import require_current
from tests.store.test_full_disk import no_room_beyond

PATIENCE = 30


def receive(quantity: int = 1) -> ReceiveStock:
    """Receive lamps."""
    return ReceiveStock(sku="LAMP", quantity=quantity)


def test_what_was_submitted_is_in_the_answer(any_shop: stocktrail.Shop) -> None:
    for supply in range(11, 14):
        result = any_shop.submit(receive())
        report = any_shop.ask(Stock(sku="LAMP"))
        assert (report.supply, report.as_of) == (supply, result.position)


def test_what_another_shop_recorded_is_in_the_answer_too(database_url: str) -> None:
    with stocktrail.open(database_url) as one, stocktrail.open(database_url) as other:
        one.submit(RegisterProduct(sku="LAMP"))
        assert one.ask(Stock(sku="LAMP")).supply == 0
        other.submit(receive(7))
        assert one.ask(Stock(sku="LAMP")).supply == 7


def test_a_quantity_is_a_number_of_units_and_a_whole_one_stays_whole(
    shop: stocktrail.Shop,
) -> None:
    salable = shop.ask(Stock(sku="LAMP")).salable_quantity
    assert (salable, type(salable)) == (10, int)
    assert shop.ask(Availability(sku="LAMP", quantity=10)).satisfiable
    assert not shop.ask(Availability(sku="LAMP", quantity=11)).satisfiable
    assert not shop.ask(Availability(sku="LAMP", quantity=Decimal("10.5"))).satisfiable


def test_an_earlier_moment_is_asked_by_its_position_its_day_or_its_time(
    any_shop: stocktrail.Shop,
) -> None:
    before = any_shop.position
    (event,) = any_shop.submit(receive(5)).recorded
    assert any_shop.ask(Stock(sku="LAMP", as_of=before)).supply == 10
    assert any_shop.ask(Stock(sku="LAMP", as_of=event.position)).supply == 15
    assert any_shop.ask(Stock(sku="LAMP", as_of=date(2999, 1, 1))).supply == 15
    assert any_shop.ask(Difference(from_=before)).to == event.position


def test_a_promise_is_asked_as_of_a_day(shop: stocktrail.Shop) -> None:
    shop.submit(SetBackorderPolicy(backorders="allow"))
    shop.submit(PlacePurchaseOrder(
        purchase_order="PO-1", vendor="Lumen",
        lines=[PurchaseLine(sku="LAMP", quantity=5, expected_date=date(2031, 3, 5))],
    ))
    shop.submit(PlaceOrder(
        order="SO-1", customer="ANNA", lines=[NewLine(sku="LAMP", quantity=12)]
    ))
    promise = shop.ask(Promise(sku="LAMP", quantity=3, today=date(2031, 1, 1)))
    assert promise.first_date == date(2031, 3, 5)
    page = shop.ask(Backorders(by="customer", today=date(2031, 1, 1)))
    assert (page.total, page.today) == (1, date(2031, 1, 1))


def test_what_is_not_there_is_refused(shop: stocktrail.Shop) -> None:
    with pytest.raises(stocktrail.Refusal, match="There is no product DESK") as raised:
        shop.ask(Stock(sku="DESK"))
    assert raised.value.code == "unknown_sku"


def test_threads_ask_about_now_and_about_earlier_moments_at_the_same_time(
    any_shop: stocktrail.Shop,
) -> None:
    any_shop.submit([receive() for _ in range(8)])

    def ask(number: int) -> bool:
        then = any_shop.ask(Stock(sku="LAMP", as_of=3 + number)).supply
        now = any_shop.ask(Stock(sku="LAMP")).supply
        changed = any_shop.ask(Difference(from_=3 + number, to=10)).to
        return (then, now, changed) == (11 + number, 18, 10)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(8)))


def test_a_question_waits_for_the_position_that_it_is_to_know(database_url: str) -> None:
    with stocktrail.open(database_url) as shop, stocktrail.open(database_url) as other:
        shop.submit(SetBackorderPolicy(backorders="allow"))
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(shop.ask, Backorders(by="item"), at_least=2)
            other.submit(SetBackorderPolicy(backorders="no"))
            assert answer.result(PATIENCE).as_of == 2


def test_a_position_that_does_not_come_is_refused(shop: stocktrail.Shop) -> None:
    with pytest.raises(stocktrail.Refusal) as raised:
        shop.ask(Stock(sku="LAMP"), at_least=99, wait_seconds=0.01)
    assert raised.value.code == "unknown_position"


def test_a_shop_that_is_only_read_answers_what_the_log_says(sqlite_url: str) -> None:
    with stocktrail.open(sqlite_url) as shop:
        shop.submit(SetBackorderPolicy(backorders="allow"))
    with stocktrail.open(sqlite_url, read_only=True) as shop:
        assert shop.ask(Backorders(by="item")).as_of == 1


def test_on_a_full_disk_questions_are_answered_all_the_same(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_room_beyond(monkeypatch, 60), stocktrail.open(sqlite_url) as shop:
        shop.submit([RegisterProduct(sku="LAMP"), receive(3)])
        with pytest.raises(stocktrail.StorageError) as raised:
            shop.submit([receive() for _ in range(1000)])
        assert raised.value.code == "storage_full"
        assert shop.ask(Stock(sku="LAMP")).supply == shop.position + 1


def test_an_event_loop_awaits_the_answer(shop: stocktrail.Shop) -> None:
    async def scene(shop: stocktrail.AsyncShop) -> None:
        result = await shop.submit(receive(2))
        report = await shop.ask(Stock(sku="LAMP"), at_least=result.position)
        assert report.supply == 12
        assert await shop.catch_up() == result.position

    asyncio.run(scene(stocktrail.AsyncShop(shop)))


def test_every_question_and_its_answer_are_found_by_name() -> None:
    require_current(question_names.PATH, question_names.text())
    assert len(questions.__all__) >= 40
    for name in questions.__all__:
        assert getattr(questions, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Weather'"):
        vars(questions)["__getattr__"]("Weather")
