"""The eventsourcing library knows our aggregates and envelopes by its own protocols."""

import pytest
from eventsourcing.application import project_aggregate
from eventsourcing.domain import (
    CanMutateProtocol,
    CollectEventsProtocol,
    DomainEventProtocol,
    OriginatorIDError,
    OriginatorVersionError,
)

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent, Snapshot, new_aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from tests.ledger.facts import received, registered, source_registered, units
from tests.ledger.order_facts import line_placed, order_placed
from tests.scenes import SKU

STREAM = f"stock/{SKU}"
AGGREGATES: list[tuple[Aggregate, Event]] = [
    (ProductStock(STREAM), registered()),
    (Settings(), source_registered("berlin")),
    (Order("order/SO-1"), order_placed(line_placed(1, 1))),
]


def recorded(*events: Event) -> list[RecordedEvent]:
    """Put events of the item into envelopes, from version 1 on."""
    return [RecordedEvent(STREAM, version, event) for version, event in enumerate(events, 1)]


def test_an_envelope_is_a_domain_event_that_mutates() -> None:
    (event,) = recorded(registered())
    assert isinstance(event, DomainEventProtocol)
    assert isinstance(event, CanMutateProtocol)
    assert isinstance(Snapshot.take(ProductStock(STREAM)), CanMutateProtocol)


@pytest.mark.parametrize(("aggregate", "event"), AGGREGATES, ids=lambda one: type(one).__name__)
def test_an_aggregate_collects_events(aggregate: Aggregate, event: Event) -> None:
    assert isinstance(aggregate, CollectEventsProtocol)
    aggregate = aggregate.clone()
    aggregate.trigger(event)
    assert aggregate.collect_events() == [RecordedEvent(aggregate.id, 1, event)]
    assert not aggregate.collect_events()
    assert aggregate.version == 1


def test_the_librarys_projector_folds_a_stream() -> None:
    stock = project_aggregate(None, recorded(registered(), received(5), received(2)))
    assert isinstance(stock, ProductStock)
    assert (stock.id, stock.key, stock.version) == (STREAM, SKU, 3)
    assert stock.on_hand == {"default": units(7)}


def test_the_librarys_projector_goes_on_from_a_snapshot() -> None:
    events = recorded(registered(), received(5), received(2))
    half = project_aggregate(None, events[:2])
    assert isinstance(half, ProductStock)
    whole = project_aggregate(None, [Snapshot.take(half), events[2]])
    assert isinstance(whole, ProductStock)
    assert (whole.version, whole.on_hand) == (3, {"default": units(7)})


def test_an_event_of_another_stream_is_refused() -> None:
    (event,) = recorded(registered())
    with pytest.raises(OriginatorIDError):
        event.mutate(ProductStock("stock/GADGET"))


@pytest.mark.parametrize("version", [0, 1, 3])
def test_an_event_that_is_not_the_next_one_is_refused(version: int) -> None:
    stock = project_aggregate(None, recorded(registered()))
    with pytest.raises(OriginatorVersionError):
        RecordedEvent(STREAM, version, received(5)).mutate(stock)
    with pytest.raises(OriginatorVersionError):
        RecordedEvent(STREAM, 2, registered()).mutate(None)


def test_streams_are_named_by_rule_from_the_business_key() -> None:
    assert ProductStock.stream_of("A/B") == "stock/A/B"
    assert new_aggregate("stock/A/B").key == "A/B"
    assert Order.stream_of("SO-1") == "order/SO-1"
    assert Settings().id == "settings/ledger"
    for stream, kind in {"stock/X": ProductStock, "order/X": Order, "settings/X": Settings}.items():
        assert type(new_aggregate(stream)) is kind
