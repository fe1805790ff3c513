"""A file of orders is not taken for a list of stock: what was sold is not what is there."""

import pytest

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.format_name import FormatName
from stocktrail.interfaces.importing.remedies import read_on_a_page
from stocktrail.interfaces.importing.stock.import_stock import StockFile, read_stock_file

ORDERS = {
    "WooCommerce's orders": "order_id,order_status,payment_method_title,sku,quantity\n"
                            "7,processing,Card,CAP,2\n",
    "Shopify's orders": "Name,Email,Financial Status,Fulfillment Status,Lineitem quantity,"
                        "Lineitem name,Lineitem sku\n#1001,ada@shop.example,paid,,2,Cap,CAP\n",
    "Magento's orders": "increment_id,status,sku,qty_ordered,qty_shipped\n"
                        "000000007,processing,CAP,2,0\n",
    "a list of orders": "Order no,Customer,SKU,Qty\nSO-7,ada,CAP,2\n",
    "orders under a title": "Open orders,,,\nOrderDate,OrderNo,SKU,Qty\n2026-11-02,7,CAP,2\n",
    "a list of purchase orders": "PO number;Supplier;SKU;Qty;ETA\nPO-7;Acme;CAP;2;2026-12-10\n",
}
STOCK = {
    "an article's number in a catalogue": "Order number,SKU,Qty\n4711,CAP,2\n",
    "who the stock is of": "SKU,Qty,Account,Reference,Date\nCAP,2,ada,shelf 3,2026-11-02\n",
    "stock with what comes": "SKU,Qty,ETA,Supplier\nCAP,2,2026-12-10,Acme\n",
}


def file_of(text: str, *maps: str, format: FormatName | None = None) -> StockFile:
    """Return the file that holds a text."""
    return StockFile(text.encode(), "list.csv", format=format, maps=maps)


@pytest.mark.parametrize("text", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("format", [None, "csv", "woocommerce"])
def test_orders_are_refused_with_where_to_take_them(text: str, format: FormatName | None) -> None:
    with pytest.raises(BadFile, match="not what is on hand") as refused:
        read_stock_file(file_of(text, format=format))
    assert refused.value.code == "wrong_format"
    where = "import-purchase-orders" if "PO number" in text else "import-orders"
    assert f"Take it to {where}." in refused.value.message
    with read_on_a_page(), pytest.raises(BadFile, match="Say above what it holds") as on_page:
        read_stock_file(file_of(text, format=format))
    assert "--" not in on_page.value.message


def test_who_says_which_column_is_what_is_on_hand_has_looked() -> None:
    text = "Order no,Customer,SKU,Qty,In the shop\nSO-7,ada,CAP,2,5\n"
    read = read_stock_file(file_of(text, "In the shop=quantity"))
    assert [line.quantity for item in read.items for line in item.lines] == [5 * 10_000]


@pytest.mark.parametrize("text", STOCK.values(), ids=STOCK)
def test_a_list_of_stock_may_say_more_than_stock(text: str) -> None:
    read = read_stock_file(file_of(text))
    assert [line.quantity for item in read.items for line in item.lines] == [2 * 10_000]
