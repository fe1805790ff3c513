"""Commands from Python: each has one result, and a refusal is one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

import stocktrail
from stocktrail.commands import NewLine, PlaceOrder, ReceiveStock, RegisterProduct
from stocktrail.ledger.stock.events import StockReceived


def order(name: str, quantity: int) -> PlaceOrder:
    """Order lamps for Anna."""
    return PlaceOrder(
        order=name, customer="ANNA", lines=[NewLine(sku="LAMP", quantity=quantity)]
    )


def test_a_command_that_is_accepted_says_where_it_stands_and_what_happened(
    any_shop: stocktrail.Shop,
) -> None:
    result = any_shop.submit(ReceiveStock(sku="LAMP", quantity=5))
    assert (result.status, result.position, any_shop.position) == ("accepted", 3, 3)
    (event,) = result.recorded
    assert isinstance(event.payload, StockReceived)
    assert (event.position, event.payload.sku, event.payload.quantity) == (3, "LAMP", 50_000)
    assert result.is_recorded
    assert result.raise_for_status() is result


def test_a_refusal_is_a_result_and_is_raised_when_asked_for(shop: stocktrail.Shop) -> None:
    result = shop.submit(order("SO-1", 11))
    assert (result.status, result.code) == ("rejected", "not_enough_salable")
    assert not result.is_recorded
    with pytest.raises(stocktrail.Refusal, match="Only 10 of LAMP may still be sold") as raised:
        result.raise_for_status()
    assert raised.value.code == "not_enough_salable"
    assert raised.value.details["shortfall"] == 1


def test_the_same_id_changes_nothing_twice_and_says_what_was_recorded(
    any_shop: stocktrail.Shop,
) -> None:
    first = any_shop.submit(order("SO-1", 4), id="c-1")
    again = any_shop.submit(order("SO-1", 4), id="c-1")
    assert (again.status, again.position) == ("duplicate", first.position)
    assert again.recorded == first.recorded
    assert again.raise_for_status().is_recorded


def test_what_was_recorded_outlives_the_shop() -> None:
    with stocktrail.open_in_memory() as shop:
        shop.submit(RegisterProduct(sku="LAMP", id="c-1"))
        again = shop.submit(RegisterProduct(sku="LAMP", id="c-1"))
    assert [event.originator_id for event in again.recorded] == ["stock/LAMP"]


def test_the_same_id_for_another_command_is_a_conflict(shop: stocktrail.Shop) -> None:
    shop.submit(order("SO-1", 4), id="c-1")
    with pytest.raises(stocktrail.Refusal, match="The id c-1 was used for another command"):
        shop.submit(order("SO-1", 5), id="c-1").raise_for_status()


def test_who_sent_it_and_what_it_belongs_to_stand_in_its_events(shop: stocktrail.Shop) -> None:
    result = shop.submit(order("SO-1", 1), actor="checkout", correlation_id="cart-7")
    assert {(event.actor, event.correlation_id) for event in result.recorded} == {
        ("checkout", "cart-7")
    }


@pytest.mark.parametrize("name", ["", " LAMP", "x" * 129])
def test_what_cannot_be_an_id_is_refused_before_it_is_sent(
    shop: stocktrail.Shop, name: str
) -> None:
    with pytest.raises(ValidationError):
        shop.submit(order("SO-1", 1), id=name)
    with pytest.raises(ValidationError):
        shop.submit([order("SO-1", 1)], actor=name)
    assert shop.position == 2


def test_a_dry_run_says_what_would_happen_and_records_nothing(any_shop: stocktrail.Shop) -> None:
    result = any_shop.submit(order("SO-1", 4), dry_run=True)
    assert (result.status, result.judged_at, any_shop.position) == ("accepted", 2, 2)
    results = any_shop.submit([order("SO-1", 4), order("SO-2", 7)], dry_run=True)
    assert [each.status for each in results] == ["accepted", "rejected"]
    assert any_shop.position == 2


def test_of_several_each_has_its_result_in_order(shop: stocktrail.Shop) -> None:
    results = shop.submit([order("SO-1", 4), order("SO-2", 7), order("SO-3", 6)], actor="import")
    assert [each.status for each in results] == ["accepted", "rejected", "accepted"]
    assert [each.line for each in results] == [1, 2, 3]
    assert {event.actor for each in results for event in each.recorded} == {"import"}


def test_several_commands_cannot_have_one_id(shop: stocktrail.Shop) -> None:
    with pytest.raises(TypeError, match="give each of several its own"):
        shop.submit([order("SO-1", 4)], id="c-1")           # type: ignore[call-overload]
    assert shop.position == 2


def test_of_several_none_is_tried_after_the_first_that_fails_if_it_is_to_stop(
    shop: stocktrail.Shop,
) -> None:
    results = shop.submit([order("SO-1", 11), order("SO-2", 1)], mode="stop")
    assert [each.status for each in results] == ["rejected", "skipped"]
    with pytest.raises(stocktrail.Refusal, match="one before it was not recorded"):
        results[1].raise_for_status()


def test_several_are_recorded_together_or_not_at_all(any_shop: stocktrail.Shop) -> None:
    results = any_shop.submit([order("SO-1", 4), order("SO-2", 7)], mode="atomic")
    assert [each.status for each in results] == ["group_failed", "rejected"]
    with pytest.raises(stocktrail.Refusal, match="line 2 failed"):
        results[0].raise_for_status()
    assert any_shop.position == 2


def test_consecutive_commands_of_one_group_are_all_or_nothing(shop: stocktrail.Shop) -> None:
    grouped = [
        command.model_copy(update={"group": "cart-7"})
        for command in (order("SO-1", 4), order("SO-2", 7))
    ]
    results = shop.submit([*grouped, order("SO-3", 1)])
    assert [each.status for each in results] == ["group_failed", "rejected", "accepted"]


def test_a_group_that_is_too_large_is_refused_with_its_sentence(
    shop: stocktrail.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stocktrail.commands.scripts.groups.MAX_GROUP", 1)
    results = shop.submit([order("SO-1", 1), order("SO-2", 1)], mode="atomic")
    refusals = []
    for result in results:
        with pytest.raises(stocktrail.Refusal) as raised:
            result.raise_for_status()
        refusals.append(raised.value.code)
    assert refusals == ["group_failed", "group_too_large"]


def test_threads_share_a_shop_and_never_sell_more_than_there_is(any_shop: stocktrail.Shop) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda n: any_shop.submit(order(f"SO-{n}", 1)), range(24)))
    assert sorted(each.status for each in results) == ["accepted"] * 10 + ["rejected"] * 14


def test_a_shop_that_was_closed_says_so() -> None:
    shop = stocktrail.open_in_memory()
    shop.close()
    shop.close()
    with pytest.raises(stocktrail.StorageError, match="has been closed") as raised:
        shop.submit(RegisterProduct(sku="LAMP"))
    assert raised.value.code == "ledger_closed"


def test_a_ledger_that_is_only_read_records_nothing(sqlite_url: str) -> None:
    with stocktrail.open(sqlite_url) as shop:
        shop.submit(RegisterProduct(sku="LAMP"))
    with stocktrail.open(sqlite_url, read_only=True) as shop:
        with pytest.raises(stocktrail.StorageError) as raised:
            shop.submit(ReceiveStock(sku="LAMP", quantity=1))
        assert raised.value.code == "storage_read_only"
        assert shop.position == 1
