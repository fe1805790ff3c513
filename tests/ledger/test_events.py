"""Events: frozen facts under stable names; an old version is read as what it means now."""

from collections.abc import Callable
from typing import ClassVar, get_args, get_origin

import pytest
from msgspec import NODEFAULT, Raw
from msgspec.structs import fields, replace

from stocktrail.ledger.base.event import (
    Catalogue,
    Event,
    Fact,
    Payload,
    UnknownEvent,
    UnreadableEvent,
)
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.quantity import Quantity
from stocktrail.ledger.stock.events import StockReceived
from stocktrail.ledger.written import READ, WRITE, written_as
from tests.ledger.facts import received, reserved, units
from tests.ledger.order_facts import line_placed, order_placed


def test_events_are_frozen() -> None:
    event = received(5)
    with pytest.raises(AttributeError, match="immutable"):
        event.quantity = 7  # type: ignore[misc]


def test_events_know_no_other_fields() -> None:
    with pytest.raises(UnreadableEvent, match=r"StockReceived.*unknown field `colour`"):
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
        b'{"sku":"A","source":"default","quantity":null}',
        b'{"sku":"A","source":"default","quantity":1e999}',
        b'{"sku":"A","quantity":1}',
        b'{"sku":7,"source":"default","quantity":1}',
        b'[]',
        b'[' * 100_000,
        b'{',
    ],
)
def test_a_payload_that_the_program_did_not_write_is_refused(state: bytes) -> None:
    with pytest.raises(UnreadableEvent, match="StockReceived: "):
        CATALOGUE.read("StockReceived.v1", state)


@pytest.mark.parametrize("written", ["5", "5.0", "50e-1", "0.5e1"])
def test_a_quantity_is_read_however_its_number_is_spelt(written: str) -> None:
    state = f'{{"sku":"WIDGET","source":"default","quantity":{written},"reason":null}}'
    event = CATALOGUE.read("StockReceived.v1", state.encode())
    assert event == received(5)
    assert event.to_json() == received(5).to_json()


@pytest.mark.parametrize("kind", [bytes, memoryview, Raw])
def test_a_payload_is_read_where_it_stands(kind: Callable[[bytes], Payload]) -> None:
    assert CATALOGUE.read("StockReceived.v1", kind(received(5).to_json())) == received(5)
    assert upcasting().read("Measured.v1", kind(b'{"dozens":2.5}')) == MEASURED


def test_a_field_that_was_not_written_yet_has_its_default() -> None:
    event = CATALOGUE.read("StockReceived.v1", b'{"sku":"A","source":"b","quantity":5.5}')
    assert event == StockReceived(sku="A", source="b", quantity=units(5.5))


def test_an_event_that_this_version_does_not_know_is_named() -> None:
    with pytest.raises(UnknownEvent, match=r"'StockEvaporated\.v1'.*later one"):
        CATALOGUE.read("StockEvaporated.v1", b"{}")


@pytest.mark.parametrize("cls", CATALOGUE.classes().values())
def test_what_json_has_otherwise_has_the_same_default_in_both(cls: type[Event]) -> None:
    parts = [get_args(each.type)[0] for each in fields(cls) if get_origin(each.type) is tuple]
    for fact in (cls, *(part for part in parts if issubclass(part, Fact))):
        defaults = {each.name: each.default for each in fields(fact) if written_as(each.type)}
        assert set(defaults.values()) <= {0, None, NODEFAULT}


LINE = replace(line_placed(1, 2.5, price="0.5"), backordered=units(1))


@pytest.mark.parametrize("fact", [
    LINE, replace(LINE, unit_price=None), order_placed(LINE, LINE),
    replace(order_placed(LINE), captured_amount=125_000_000), reserved("SO-1", 2.5, waits_for=1),
])
def test_what_is_converted_field_by_field_is_converted_whole(fact: Fact) -> None:
    written = fact.converted(WRITE)
    assert written == Fact.converted(fact, WRITE) != fact
    assert written.converted(READ) == Fact.converted(written, READ) == fact


class Measured(Event):
    """A third meaning: the number of units, and where."""

    version: ClassVar[int] = 3
    quantity: Quantity
    source: str


MEASURED = Measured(quantity=units(30), source="default")


def upcasting() -> Catalogue:
    """Return a catalogue in which one event has got two other meanings since."""
    catalogue = Catalogue()
    catalogue.register(Measured)
    catalogue.upcast("Measured.v1", "Measured.v2", lambda old: {"quantity": old["dozens"] * 12})
    catalogue.upcast("Measured.v2", "Measured.v3", lambda old: {**old, "source": "default"})
    return catalogue


def test_old_versions_are_upcast_one_after_the_other() -> None:
    catalogue = upcasting()
    assert Measured.topic == "Measured.v3"
    assert catalogue.read("Measured.v1", b'{"dozens":2.5}') == MEASURED
    assert catalogue.read("Measured.v2", b'{"quantity":30}') == MEASURED
    assert catalogue.read("Measured.v3", MEASURED.to_json()) == MEASURED
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
