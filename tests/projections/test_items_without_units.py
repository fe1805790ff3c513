"""Items that were never there: carried with nothing yet, on order, or not managed at all."""

from stocktrail.ledger.quantity import SCALE
from stocktrail.projections.questions.availability import availability
from stocktrail.projections.questions.explain_stock import explain_stock
from stocktrail.projections.verify import verify
from tests.projections.purchasing import DAY_0, Purchasing, day
from tests.projections.shop import Shop


def test_an_item_that_no_source_carries_but_is_not_managed_is_in_stock_everywhere(
    shop: Shop,
) -> None:
    shop.send("register-product", sku="EBOOK")
    assert shop.stock("EBOOK")["message"] == "Out of Stock"
    shop.send("set-manage-stock", sku="EBOOK", manage="off")
    report = shop.stock("EBOOK")
    assert (report["message"], report["is_salable"], report["on_hand"]) == ("In Stock", True, {})
    answer = availability(shop.models, "EBOOK", 500 * SCALE)
    assert (answer["satisfiable"], answer["backordered_quantity"], answer["message"]) == (
        True, 0, "In Stock",
    )
    sentences = explain_stock(shop.models, "EBOOK")["sentences"]
    assert "Stock is not managed, so any quantity may be sold." in sentences
    shop.sell("SO-1", "EBOOK", 2)
    [line] = shop.order("SO-1")["lines"]
    assert (line["managed"], line["backordered"]) == (False, 0)
    assert shop.low() == []


def test_what_is_carried_is_low_until_something_is_there_and_told_once(shop: Shop) -> None:
    raised = shop.send("register-product", sku="A", source="default")
    assert shop.low() == [("A", "default", 0)]
    shop.send("register-product", sku="A", source="default")
    shop.send("receive-stock", sku="A", quantity=5)
    assert shop.low() == []
    [notice] = shop.notices()
    assert (notice["position"], notice["basis"]) == (raised, 0)
    first, *_ = shop.history("A")
    assert (first["type"], first["source"], first["delta"]) == ("SourceItemCreated", "default", 0)
    verification = verify(shop.models)
    assert verification.ok, verification.findings


def test_what_is_not_managed_is_carried_without_a_notice(shop: Shop) -> None:
    shop.send("set-manage-stock", manage="off")
    shop.send("register-product", sku="A", source="default")
    assert shop.low() == []
    shop.send("set-manage-stock", manage="on")
    assert shop.low() == [("A", "default", 0)]


def test_an_item_that_was_only_ordered_can_be_backordered(purchasing: Purchasing) -> None:
    purchasing.send("register-product", sku="NEW")
    purchasing.send("set-backorder-policy", sku="NEW", backorders="allow")
    purchasing.buy("PO-1", 100, 19, sku="NEW")
    purchasing.order_of("SO-1", 10, 0, sku="NEW")
    assert purchasing.promised() == {"SO-1": 19}
    report = purchasing.stock("NEW")
    assert (report["on_hand"], report["backordered"]) == ({"default": 0}, 10)
    [row] = purchasing.ask("vendor")
    assert row["waiting"][0]["order"] == "SO-1"


def test_lines_of_an_order_are_promised_in_the_order_in_which_they_were_served(
    purchasing: Purchasing,
) -> None:
    purchasing.send("receive-stock", sku="A", quantity=6)
    purchasing.send("place-order", order="SO-1", customer="Ann", lines=[
        {"sku": "A", "quantity": 5, "requested_date": day(90)},
        {"sku": "A", "quantity": 5, "requested_date": day(30)},
    ])
    lines = purchasing.order("SO-1", today=DAY_0)["lines"]
    assert [line["allocated"] for line in lines] == [1, 5]
    assert [line["backordered"] for line in lines] == [4, 0]
    assert lines[1]["promise_date"] == day(30)


def test_a_return_shows_where_it_went(shop: Shop) -> None:
    shop.send("register-source", source="web-1")
    shop.send("define-pool", pool="web", sources=["web-1"])
    shop.carry("A", 5, source="web-1")
    shop.sell("SO-1", "A", 2, pool="web")
    shop.send("ship-order", order="SO-1", shipment="S-1")
    shop.send("refund-order", order="SO-1", refund="R-1", lines=[
        {"line": 1, "quantity": 1, "outcome": "return"},
    ])
    report = shop.stock("A", "web")
    assert (report["on_hand"], report["salable_quantity"]) == ({"web-1": 4}, 4)
    assert shop.order("SO-1")["lines"][0]["returned"] == 1


def test_units_that_ship_while_stock_is_not_managed_move_demand_and_nothing_on_hand(
    purchasing: Purchasing,
) -> None:
    purchasing.send("receive-stock", sku="A", quantity=2)
    purchasing.order_of("SO-1", 5, 1)
    purchasing.order_of("SO-2", 3, 1)
    purchasing.send("set-manage-stock", sku="A", manage="off")
    purchasing.send("ship-order", order="SO-1", shipment="S-1")
    purchasing.send("ship-order", order="SO-2", shipment="S-1", lines=[{"line": 1, "quantity": 1}])
    purchasing.send("set-manage-stock", sku="A", manage="on")
    report = purchasing.stock("A")
    assert (report["on_hand"], report["demand"], report["allocated"]) == ({"default": 0}, 2, 0)
    [line] = purchasing.order("SO-1")["lines"]
    assert (line["shipped"], line["remaining"], line["allocated"]) == (5, 0, 0)
    verification = verify(purchasing.models)
    assert verification.ok, verification.findings
