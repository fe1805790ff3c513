"""Events: frozen facts under stable names; an old version is read as what it means now."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from stocktrail.ledger.base.event import Catalogue, Event, UnknownEvent
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.quantity import Quantity
from stocktrail.ledger.stock.events import StockReceived
from tests.ledger.facts import received, units


def test_events_are_frozen() -> None:
    event = received(5)
    with pytest.raises(ValidationError, match="frozen"):
        event.quantity = 7  # type: ignore[misc]


def test_events_know_no_other_fields() -> None:
    with pytest.raises(ValidationError, match="extra"):
        CATALOGUE.read(
            "StockReceived.v1", b'{"sku":"A","source":"default","quantity":1,"colour":"red"}'
        )


@pytest.mark.parametrize(("topic", "cls"), sorted(CATALOGUE.classes().items()))
def test_every_event_has_a_stable_name_with_its_version(topic: str, cls: type[Event]) -> None:
    assert topic == cls.topic == f"{cls.__name__}.v{cls.version}"
    assert "ledger" not in topic


def test_quantities_are_stored_in_units() -> None:
    assert received(5.5).to_json() == (
        b'{"sku":"WIDGET","source":"default","quantity":5.5,"reason":null}'
    )
    assert CATALOGUE.read("StockReceived.v1", received(5.5).to_json()) == received(5.5)


@pytest.mark.parametrize(
    "state",
    [
        b'{"sku":"A","source":"default","quantity":1,"colour":"red"}',
        b'{"sku":"A","source":"default","amount":1,"reason":null}',
        b'{"sku":"A","source":"default","quantity":"much","reason":null}',
        b'{"sku":"A","quantity":1}',
        b'[]',
        b'{',
    ],
)
def test_a_payload_that_the_program_did_not_write_is_refused(state: bytes) -> None:
    with pytest.raises(ValidationError):
        CATALOGUE.read("StockReceived.v1", state)


def test_a_field_that_was_not_written_yet_has_its_default() -> None:
    event = CATALOGUE.read("StockReceived.v1", b'{"sku":"A","source":"b","quantity":5.5}')
    assert event == StockReceived(sku="A", source="b", quantity=units(5.5))


def test_an_event_that_this_version_does_not_know_is_named() -> None:
    with pytest.raises(UnknownEvent, match=r"'StockEvaporated\.v1'.*later one"):
        CATALOGUE.read("StockEvaporated.v1", b"{}")


class Measured(Event):
    """A third meaning: the number of units, and where."""

    version: ClassVar[int] = 3
    quantity: Quantity
    source: str


def test_old_versions_are_upcast_one_after_the_other() -> None:
    catalogue = Catalogue()
    catalogue.register(Measured)
    catalogue.upcast("Measured.v1", "Measured.v2", lambda old: {"quantity": old["dozens"] * 12})
    catalogue.upcast("Measured.v2", "Measured.v3", lambda old: {**old, "source": "default"})
    expected = Measured(quantity=units(30), source="default")
    assert Measured.topic == "Measured.v3"
    assert catalogue.read("Measured.v1", b'{"dozens":2.5}') == expected
    assert catalogue.read("Measured.v2", b'{"quantity":30}') == expected
    assert catalogue.read("Measured.v3", expected.to_json()) == expected
    assert catalogue.classes() == {"Measured.v3": Measured}
    assert catalogue.names() == ["Measured"]
    assert catalogue.current("Measured.v1") == catalogue.current("Measured.v3") == "Measured.v3"
    assert catalogue.current("Unheard.v1") == "Unheard.v1"


def test_an_event_may_be_upcast_to_another_name() -> None:
    catalogue = Catalogue()
    catalogue.register(StockReceived)
    catalogue.upcast(
        "GoodsArrived.v1", "StockReceived.v1", lambda old: {**old, "source": "default"}
    )
    assert catalogue.read("GoodsArrived.v1", b'{"sku":"WIDGET","quantity":5}') == received(5)
