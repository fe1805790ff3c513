"""Files of orders and counts: whatever their bytes are, they are read or refused in a sentence.

What comes out can be sent: something is to come of every line, and every row is one of the file's.
"""

from collections.abc import Iterator
from functools import cache

from fuzzing.choices import Choices
from fuzzing.oracle import require
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.commands.stock import RegisterProduct
from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.counts.count_list import CountFile
from stocktrail.interfaces.importing.counts.reconciliation import reconciled
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.orders.import_purchases import plan_purchases_import
from stocktrail.interfaces.importing.orders.import_sales import plan_sales_import
from stocktrail.interfaces.importing.orders.layouts import FORMATS
from stocktrail.interfaces.importing.orders.order_import import OrderFile
from stocktrail.interfaces.importing.plan import ImportPlan
from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.projections import ReadModels

KINDS = (None, *FORMATS, "purchases", "count")

WORDS = (
    b"order", b"sku", b"quantity", b"remaining", b"shipped", b"LAMP", b"BULB", b"-1", b"1.5",
    b"03.04.2026", b"2026-12-10", b"Dec 1, 2026", b"2026-03-01 09:00:00 -0500", b"partial",
    b"fulfilled", b"refunded", b"name:x|sku:LAMP|quantity:2", b"||", b";", b"bundle", b"1E+05",
    b"ada@shop.example", b"counted", b"vendor", b"\n", b",", b'"',
)
MOST_BYTES = 20_000


def target(data: bytes) -> None:
    """Read a file of the kind that its first byte chooses."""
    choices = Choices(data)
    kind = choices.one_of(KINDS)
    try:
        layout, plan = _read(choices.rest(), kind)
    except BadFile as error:
        require(error.message.endswith("."), "a file is refused in a sentence", error.message)
        return
    for each in plan.planned:
        require(each.row is None or each.row > layout.header_row, "rows are below the header")
        lines = getattr(each.command, "lines", None) or ()
        require(all(line.quantity > 0 for line in lines), "something is to come of every line")


def _read(file: bytes, kind: str | None) -> tuple[Layout, ImportPlan]:
    models = _shop()
    if kind == "count":
        found = reconciled(CountFile(file, "count.csv"), models)
        return found.layout, found.plan
    if kind == "purchases":
        purchases = plan_purchases_import(OrderFile(file, "po.csv"), models.ledger)
        return purchases.layout, purchases.plan
    chosen = next((name for name in FORMATS if name == kind), None)
    sales = plan_sales_import(OrderFile(file, "orders.csv", chosen), models.ledger)
    return sales.layout, sales.plan


@cache
def _shop() -> ReadModels:
    """Return a shop with two items; reading a file changes nothing in it."""
    ledger = open_in_memory()
    for sku in ("LAMP", "BULB"):
        submit_one(ledger, RegisterProduct(sku=sku))
    models = ReadModels(ledger)
    models.catch_up()
    return models


def seeds() -> Iterator[bytes]:
    """Yield a small file of each kind."""
    texts = (
        (0, "order;customer;sku;quantity;shipped;date\nA;K;LAMP;1.234,5;2;03.04.2026\n;;;7;;\n"),
        (1, "Name,Email,Fulfillment Status,Created at,Lineitem quantity,Lineitem name,Lineitem sku,"
            "Lineitem fulfillment status\n#1,a@b.example,partial,2026-03-01 09:00:00 -0500,2,x,"
            "LAMP,partial\n#1,,,,1,y,BULB,pending\n"),
        (2, "order_number,status,billing_email,line_items\n7,processing,a@b.example,"
            "\"name:x|sku:LAMP|quantity:2|refunded_qty:-1;name:y|sku:BULB|quantity:1\"\n"),
        (3, "increment_id,status,sku,qty_ordered,qty_shipped,item_id,parent_item_id,product_type\n"
            "1,processing,LAMP,2.0000,1.0000,1,,bundle\n1,processing,BULB,2.0000,0,2,1,simple\n"),
        (5, "PO,vendor,sku,quantity,received,ETA\nP,V,LAMP,10,3,1 Dec 2026\n"),
        (6, "Item,Counted,Counted at\nLAMP,5,2026-03-01\nNIX,1,\n"),
    )
    for kind, text in texts:
        yield bytes((kind, *text.encode()))
