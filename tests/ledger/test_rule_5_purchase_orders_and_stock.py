"""Rule 5: what is decided about a purchase order together with the stock of its items."""

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.purchase_orders import cancelling, receiving, terms
from stocktrail.ledger.purchase_orders.events import PurchaseOrderPlaced
from stocktrail.ledger.stock.events import GoodsReceived, SourceItemCreated
from tests.ledger.facts import (
    allocated,
    backorders_set,
    received,
    registered,
    reserved,
    source_registered,
    units,
)
from tests.ledger.purchasing import (
    PURCHASE_ORDER,
    arrived,
    confirmed,
    day,
    delayed,
    goods,
    place,
    placed,
    receive,
    will_not_come,
)
from tests.ledger.purchasing import terms as line
from tests.ledger.streams import Request, Streams
from tests.scenes import SKU

WAITING = (registered(), backorders_set("allow"), received(1), reserved("SO-1", 4, waits_for=3))
ORDERED = placed(line(1, 10, 7))


def carried(source: str) -> SourceItemCreated:
    return SourceItemCreated(sku=SKU, source=source)


def came(quantity: int, *, over: int = 0, receipt: str = "GR-1") -> GoodsReceived:
    return GoodsReceived(
        sku=SKU, source="default", quantity=units(quantity), over=units(over),
        purchase_order=PURCHASE_ORDER, line=1, receipt=receipt,
    )


def test_a_destination_carries_what_is_ordered_once_it_is() -> None:
    shop = Streams(registered(), source_registered("berlin"))
    ordered = shop.when_asked(place(line(1, 5, 7), line(2, 5, 9), source="berlin"))
    first = ordered.events[0]
    assert isinstance(first, PurchaseOrderPlaced)
    ordered.then(first, carried("berlin"))
    shop.when_asked(place(line(1, 5, 7), source="berlin")).then_known_since(1)


def test_everything_that_forbids_a_purchase_order_is_said_at_once() -> None:
    refusal = Streams(registered()).when_asked(
        place(line(1, 1.5, 7), line(2, 1, 7, "NOBODY"))
    ).then_refused("decimal_not_allowed", sku=SKU)
    assert [each["code"] for each in refusal.details["failures"]] == [
        "decimal_not_allowed", "unknown_sku",
    ]
    Streams(registered()).when_asked(place(line(1, 1, 7), source="moon")).then_refused(
        "unknown_source"
    )


def about_all(day_of_all: int | None) -> tuple[Request, Request]:
    """Confirm, and delay, all lines of which units are to come."""
    moved = None if day_of_all is None else day(day_of_all)
    return (
        lambda streams: terms.confirm(
            streams.purchase_order(PURCHASE_ORDER), streams, None, moved, None
        ),
        lambda streams: terms.delay(
            streams.purchase_order(PURCHASE_ORDER), streams, None, moved, "strike"
        ),
    )


def test_a_vendor_may_speak_of_all_lines_at_once() -> None:
    shop = Streams(registered(), received(1), placed(line(1, 10, 7), line(2, 5, 9)))
    confirm, delay = about_all(12)
    shop.when_asked(confirm).then(confirmed(line(1, 10, 12), line(2, 5, 12)))
    shop.when_asked(about_all(20)[1]).then(delayed(line(1, 10, 20), line(2, 5, 20)))
    shop.when_asked(about_all(20)[1]).then()
    shop.happen(will_not_come(1, 10), will_not_come(2, 5)).when_asked(delay).then_refused(
        "not_enough_remaining", remaining=0
    )


def test_where_an_earlier_version_placed_it_goods_are_carried_once_the_vendor_is_heard_of() -> None:
    shop = Streams(registered(), ORDERED)
    shop.when_asked(about_all(None)[0]).then(confirmed(), carried("default"))


def test_a_vendor_confirms_no_fraction_of_whole_units() -> None:
    asked = [terms.Terms(1, units(1.5), None)]
    Streams(registered(), ORDERED).when_asked(lambda streams: terms.confirm(
        streams.purchase_order(PURCHASE_ORDER), streams, asked, None, None
    )).then_refused("decimal_not_allowed")


def test_goods_that_come_serve_the_queue_and_more_than_was_ordered_is_said() -> None:
    shop = Streams(*WAITING, ORDERED)
    shop.when_asked(receive((1, 11))).then(
        goods(arrived(1, 11, over=1)), came(11, over=1), allocated(3, "SO-1"),
        told=["1 of WIDGET on line 1 of purchase order PO-1 are more than was ordered."],
    )
    shop.when_asked(receive((1, 11))).then_known_since(2)


def test_all_that_is_to_come_may_come_at_once() -> None:
    shop = Streams(registered(), placed(line(1, 3, 7)))
    shop.when_asked(lambda streams: receiving.receive(
        streams.purchase_order(PURCHASE_ORDER), streams, "GR-1", None, None, "GR-1"
    )).then(goods(arrived(1, 3)), came(3))


def test_goods_of_an_unknown_purchase_order_do_not_come() -> None:
    Streams().when_asked(receive((1, 1))).then_refused("unknown_purchase_order")


def test_all_that_is_to_come_is_cancelled_once() -> None:
    def cancel(streams: Streams) -> Decision:
        return cancelling.cancel(streams.purchase_order(PURCHASE_ORDER), streams, None, None)

    shop = Streams(registered(), ORDERED).when_asked(cancel).then(will_not_come(1, 10))
    shop.when_asked(cancel).then()
    done = Streams(registered(), ORDERED, goods(arrived(1, 10)))
    done.when_asked(cancel).then_refused("not_enough_remaining", remaining=0)
