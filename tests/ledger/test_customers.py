"""Customers are known by sealed fields only, and are erased by forgetting one key."""

import pytest
from msgspec.structs import replace

from stocktrail.ledger.base.aggregate import Snapshot
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.customer import Customer, CustomerErased, CustomerRegistered
from stocktrail.ledger.refusal import Refusal

ADA = CustomerRegistered(customer="ADA", key="k1", name="k1.aaa", email="k1.bbb")
ERASED = CustomerErased(customer="ADA", key="k1", reason="asked for")


def ada(*events: Event) -> Customer:
    """Return the customer after what has happened."""
    customer = Customer("customer/ADA")
    for event in events:
        customer.apply(event)
    return customer


def test_a_customer_is_registered_once_and_the_same_again_changes_nothing() -> None:
    sealed = {"name": "k1.aaa", "email": "k1.bbb"}
    assert ada().register("k1", sealed) == [ADA]
    assert ada(ADA).register("k1", sealed) == []
    assert ada(ADA).register("k1", {"name": "k1.aaa"}) == []
    assert ada(ADA).register(None, {}) == []
    assert [ada().standing, ada(ADA).standing, ada(ADA, ERASED).standing] == [
        "unknown", "registered", "erased",
    ]


def test_what_is_left_out_stays_as_it_was() -> None:
    (moved,) = ada(ADA).register("k1", {"address": "k1.ccc"})
    assert moved == replace(ADA, address="k1.ccc")


def test_an_id_alone_can_be_registered() -> None:
    (event,) = ada().register(None, {})
    assert event == CustomerRegistered(customer="ADA")
    assert ada(event).register(None, {}) == []
    assert ada(event).erase("asked for") == [replace(ERASED, key=None)]
    assert ada(event, replace(ERASED, key=None)).standing == "erased"


def test_what_another_key_sealed_does_not_stay() -> None:
    (event,) = ada(ADA).register("k2", {"name": "k2.aaa"})
    assert event == CustomerRegistered(customer="ADA", key="k2", name="k2.aaa")


def test_a_customer_is_erased_once_and_may_come_back_with_a_new_key() -> None:
    assert ada(ADA).erase("asked for") == [ERASED]
    assert ada(ADA, ERASED).erase("asked again") == []
    assert ada(ADA, ERASED).sealed == {}
    (back,) = ada(ADA, ERASED).register("k2", {"name": "k2.aaa"})
    assert back == CustomerRegistered(customer="ADA", key="k2", name="k2.aaa")


def test_what_a_destroyed_key_sealed_is_refused() -> None:
    with pytest.raises(Refusal, match="nobody could ever read it") as refused:
        ada(ADA, ERASED).register("k1", {"name": "k1.aaa"})
    assert refused.value.code == "key_destroyed"


def test_nobody_is_erased_who_was_never_registered() -> None:
    with pytest.raises(Refusal, match="There is no customer ADA") as refused:
        ada().erase("asked for")
    assert refused.value.code == "unknown_customer"


def test_a_snapshot_holds_what_is_known_and_what_was_destroyed() -> None:
    customer = ada(ADA, ERASED, replace(ADA, key="k2", name="k2.aaa"))
    copy = Snapshot.take(customer).mutate(None)
    assert copy.to_state() == customer.to_state()
    assert copy.version == 3
