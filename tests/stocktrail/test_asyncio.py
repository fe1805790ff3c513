"""The same shop on an event loop: its verbs are awaited, and single commands share commits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest

import stocktrail
from stocktrail.commands import NewLine, PlaceOrder, ReceiveStock, RegisterProduct
from stocktrail.following import LogReader, selection_of
from stocktrail.ledger.base.aggregate import RecordedEvent

PATIENCE = 30


def order(name: str, quantity: int = 1) -> PlaceOrder:
    """Order lamps for Anna."""
    return PlaceOrder(
        order=name, customer="ANNA", lines=[NewLine(sku="LAMP", quantity=quantity)]
    )


def run(scene: Callable[[stocktrail.AsyncShop], Awaitable[None]], shop: stocktrail.Shop) -> None:
    """Play a scene on a loop of its own, with patience."""

    async def played() -> None:
        async with asyncio.timeout(PATIENCE):
            await scene(stocktrail.AsyncShop(shop))

    asyncio.run(played())


def test_tasks_share_commits_and_never_sell_more_than_there_is(any_shop: stocktrail.Shop) -> None:
    async def scene(shop: stocktrail.AsyncShop) -> None:
        results = await asyncio.gather(*(shop.submit(order(f"SO-{n}")) for n in range(24)))
        assert sorted(each.status for each in results) == ["accepted"] * 10 + ["rejected"] * 14

    run(scene, any_shop)


def test_a_duplicate_says_what_it_recorded(shop: stocktrail.Shop) -> None:
    async def scene(shop: stocktrail.AsyncShop) -> None:
        first = await shop.submit(order("SO-1"), id="c-1", actor="checkout")
        again = await shop.submit(order("SO-1"), id="c-1", actor="checkout")
        assert (again.status, again.recorded) == ("duplicate", first.recorded)
        assert first.recorded[0].actor == "checkout"

    run(scene, shop)


def test_dry_runs_and_several_commands_are_awaited_too(shop: stocktrail.Shop) -> None:
    async def scene(shop: stocktrail.AsyncShop) -> None:
        assert (await shop.submit(order("SO-1"), dry_run=True)).judged_at == 2
        results = await shop.submit([order("SO-1", 4), order("SO-2", 7)], mode="atomic")
        assert [each.status for each in results] == ["group_failed", "rejected"]
        assert await shop.position() == 2

    run(scene, shop)


def test_events_are_followed_while_others_submit(shop: stocktrail.Shop) -> None:
    async def first(events: AsyncIterator[RecordedEvent], number: int) -> list[int]:
        positions: list[int] = []
        async for event in events:
            positions.append(event.position)
            if len(positions) == number:
                break
        return positions

    async def scene(shop: stocktrail.AsyncShop) -> None:
        async with aclosing(shop.events(after=2, follow=True)) as events:
            heard = asyncio.create_task(first(events, 3))
            for _ in range(3):
                await shop.submit(ReceiveStock(sku="LAMP", quantity=1))
            assert await heard == [3, 4, 5]
        assert [event.position async for event in shop.events(after=3)] == [4, 5]

    run(scene, shop)


def test_closing_the_shop_ends_whoever_follows(any_shop: stocktrail.Shop) -> None:
    async def scene(shop: stocktrail.AsyncShop) -> None:
        heard: list[int] = []

        async def follow() -> None:
            async for event in shop.events(follow=True):
                heard.append(event.position)

        following = asyncio.create_task(follow())
        while len(heard) < 2:
            await asyncio.sleep(0.01)
        await shop.close()
        await following
        assert heard == [1, 2]

    run(scene, any_shop)


def test_closing_the_shop_ends_who_is_about_to_follow_and_refuses_who_begins_later(
    any_shop: stocktrail.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(shop: stocktrail.AsyncShop) -> None:
        def closed_meanwhile(after: int, *_: Any) -> LogReader:
            monkeypatch.undo()
            any_shop.close()
            return LogReader(any_shop.ledger, after, selection_of((), None))

        monkeypatch.setattr(any_shop, "reader", closed_meanwhile)
        heard = [event.position async for event in shop.events(follow=True)]
        assert heard in ([], [1, 2])
        with pytest.raises(stocktrail.StorageError, match="has been closed"):
            await anext(shop.events(follow=True))

    run(scene, any_shop)


def test_it_is_opened_and_closed_by_async_with(database_url: str) -> None:
    async def scene() -> None:
        async with stocktrail.open_async(database_url) as shop:
            assert (await shop.submit(RegisterProduct(sku="LAMP"))).is_recorded
        with pytest.raises(stocktrail.StorageError, match="has been closed"):
            await shop.submit(RegisterProduct(sku="DESK"))

    asyncio.run(scene())
