"""Groups over plain HTTP: tried together, applied once, all or none, and the world that moves."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import pytest

from stocktrail.commands.model import Command
from stocktrail.commands.orders.ship import ShipOrder
from stocktrail.commands.purchasing import PlacePurchaseOrder
from stocktrail.commands.stock import ReceiveStock, RegisterProduct
from stocktrail.commands.webhooks import CreateWebhook
from stocktrail.interfaces.dashboard.group_form import MOST_IN_GROUP, GroupForm
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.page_form import PageForm, send_form


@contextmanager
def three_orders(url: str) -> Iterator[Served]:
    """Serve a shop with 10 kettles, of which three orders want 4 each."""
    with served(url) as running:
        running.accept("register-product", sku="KETTLE")
        running.accept("receive-stock", sku="KETTLE", quantity=10)
        running.accept("set-backorder-policy", backorders="allow")
        for order, customer in (("SO-1", "Anna"), ("SO-2", "Bert"), ("SO-3", "Carla")):
            running.accept("place-order", order=order, customer=customer,
                           lines=[{"sku": "KETTLE", "quantity": 4}])
        yield running


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Served]:
    """Return a service on a shop with three orders."""
    with three_orders(sqlite_url) as running:
        yield running


@pytest.fixture
def either_shop(database_url: str) -> Iterator[Served]:
    """Return a service on a shop with three orders, on each of both databases."""
    with three_orders(database_url) as running:
        yield running


def ship(*orders: str) -> list[Command]:
    return [ShipOrder(order=order, shipment=f"S-{order}") for order in orders]


def tried(shop: Served, commands: Sequence[Command], **changes: str) -> httpx.Response:
    """Send commands as the page does on which they were chosen."""
    page = shop.client.get("/view/actions/receive-stock").text
    form = GroupForm(tuple(commands), "Ship what is there", "", "/view/items", "/view/events?a=b")
    return shop.client.post("/view/group", data={
        "proof": dict(PageForm(page).fields)["proof"], "step": "try", "group": form.packed(),
        **changes,
    })


def test_a_group_is_tried_and_applied_once_with_one_id(either_shop: Served) -> None:
    shop = either_shop
    head = shop.service.ledger.head().position
    page = tried(shop, ship("SO-1", "SO-2"))
    assert page.status_code == 200
    assert "A dry run of 2 commands" in page.text
    assert "SO-1: Shipment S-SO-1" in page.text
    assert "SO-2: Shipment S-SO-2" in page.text
    assert "Who gains" not in page.text      # what ships is no loss
    assert shop.service.ledger.head().position == head

    for _ in range(2):                       # by somebody who clicks twice
        done = send_form(shop, page, "apply")
        assert done.status_code == 303
        now = shop.service.ledger.head().position
        assert done.headers["location"] == f"/view/events?a=b&recorded={now}"
    found = {event.correlation_id for event in shop.service.ledger.read(head, 99)}
    assert len(found) == 1
    assert [shop.ask(f"/orders/{each}")["status"] for each in ("SO-1", "SO-2", "SO-3")] == [
        "complete", "complete", "processing"]


def test_later_commands_of_a_group_see_the_earlier_ones(shop: Served) -> None:
    page = tried(shop, [
        RegisterProduct(sku="POT"), ReceiveStock(sku="POT", quantity=5),
        ReceiveStock(sku="POT", quantity=6),
    ])
    assert send_form(shop, page, "apply").status_code == 303
    assert shop.ask("/stock/POT")["supply"] == 11


def test_whom_the_whole_group_moves_is_shown(shop: Served) -> None:
    page = tried(shop, [
        PlacePurchaseOrder.model_validate({"purchase_order": "PO-1", "vendor": "Kyoto", "lines": [
            {"sku": "KETTLE", "quantity": 2, "expected_date": "2030-01-10"}]}),
        ReceiveStock(sku="KETTLE", quantity=1),
    ])
    assert re.search(r"Who gains and who loses.*SO-3.*\+1", page.text, re.DOTALL)
    assert "2030-01-10" in page.text


def test_every_refusal_is_named_and_the_others_can_be_done(shop: Served) -> None:
    head = shop.service.ledger.head().position
    page = tried(shop, ship("SO-1", "SO-9", "SO-2", "SO-8"))
    assert page.status_code == 409
    assert "2 of 4 commands would be refused" in page.text
    assert "SO-9" in page.text
    assert "SO-8" in page.text
    assert shop.service.ledger.head().position == head
    again = send_form(shop, page, "rest")
    assert "A dry run of 2 commands" in again.text
    assert send_form(shop, again, "apply").status_code == 303
    assert shop.ask("/orders/SO-2")["status"] == "complete"


def test_what_moved_meanwhile_is_said_and_nothing_recorded(shop: Served) -> None:
    page = tried(shop, ship("SO-1", "SO-2"))
    shop.accept("cancel-order", order="SO-2")
    head = shop.service.ledger.head().position
    moved = send_form(shop, page, "apply")
    assert "The world has moved" in moved.text
    assert "1 of 2 commands would be refused" in moved.text
    assert shop.service.ledger.head().position == head
    done = send_form(shop, send_form(shop, moved, "rest"), "apply")
    assert done.status_code == 303
    assert shop.ask("/orders/SO-1")["status"] == "complete"


def test_as_many_as_may_be_travel_in_a_small_field() -> None:
    commands = ship(*(f"SO-{number}" for number in range(MOST_IN_GROUP)))
    packed = GroupForm(tuple(commands), "", "", "/view/items", "/view/items").packed()
    assert len(packed) < 20_000
    assert list(GroupForm.unpacked(packed).commands) == commands


def test_too_many_none_and_unreadable_ones_are_refused_in_a_sentence(shop: Served) -> None:
    most = tried(shop, [ReceiveStock(sku="KETTLE", quantity=1)] * (MOST_IN_GROUP + 1))
    assert most.status_code == 422
    assert "at most 1,000 are done at a time" in most.text
    for text in ("", "nonsense", "e30="):
        answer = tried(shop, [], group=text)
        assert answer.status_code == 422
        assert "This form cannot be read" in answer.text
    elsewhere = GroupForm(tuple(ship("SO-1")), "", "", "/view/items", "//evil.example/")
    assert tried(shop, [], group=elsewhere.packed()).status_code == 422
    assert tried(shop, ship("SO-1"), step="apply", id="x").status_code == 422
    assert tried(shop, ship("SO-1"), proof="").status_code == 403


def test_a_group_says_who_sent_it_and_keeps_to_their_scope(guarded_shop: Served) -> None:
    ledger = guarded_shop.service.ledger
    head = ledger.head().position
    secret, _ = AccessTokens(ledger).create("laptop", "command")
    guarded_shop.client.headers["Authorization"] = f"Bearer {secret}"
    hook = CreateWebhook(webhook="w", url="https://example.org/")
    assert tried(guarded_shop, [hook]).status_code == 403
    page = tried(guarded_shop, [RegisterProduct(sku="POT")])
    assert send_form(guarded_shop, page, "apply").status_code == 303
    assert {event.actor for event in ledger.read(head, 9)} == {"laptop"}
