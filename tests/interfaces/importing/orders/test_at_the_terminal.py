"""Orders and counts are imported at a terminal: tried, printed, recorded, and told apart."""

from pathlib import Path

from stocktrail.interfaces.importing.counts import count_list
from stocktrail.interfaces.importing.orders import plain, purchases
from tests.interfaces.terminal import Terminal

FIELDS_OF = (
    ("import-orders", plain.FIELDS), ("import-purchase-orders", purchases.FIELDS),
    ("reconcile", count_list.FIELDS),
)
ORDERS = "order,customer,sku,quantity,shipped\nSO-1,ANNA,WIDGET,5,2\nSO-2,BOB,WIDGET,{},0\n"
PURCHASES = "PO,vendor,sku,quantity,ETA\nPO-1,Acme,WIDGET,10,{}\n"


def test_the_help_names_the_fields_that_a_column_may_be(terminal: Terminal) -> None:
    for command, fields in FIELDS_OF:
        named = " ".join(terminal.type("help", command).out.replace("│", " ").split())
        assert [field.name for field in fields if f" {field.name}" not in named] == []


def test_orders_are_tried_then_recorded_once(shop: Terminal, tmp_path: Path) -> None:
    file, late = tmp_path / "orders.csv", tmp_path / "late.csv"
    file.write_text(ORDERS.format(4), encoding="utf-8")
    tried = shop.type("import-orders", str(file), "--dry-run")
    assert (tried.status, tried.err) == (0, "")
    assert "2 orders: 2 open, 0 closed." in tried.said
    assert "place order 2. Dry run at position 2: nothing was recorded." in tried.said
    printed = shop.type("import-orders", str(file), "--commands")
    assert [(row["command"], row["order"]) for row in printed.rows] == [
        ("place-order", "SO-1"), ("place-order", "SO-2"),
    ]
    assert shop.type("import-orders", str(file)).status == 0
    again = shop.type("import-orders", str(file))
    assert again.said.endswith("Nothing to record. 2 orders known already, without a difference.")
    assert again.status == 0
    late.write_text(ORDERS.format(9) + "SO-3,EVE,WIDGET,99,0\n", encoding="utf-8")
    told = shop.type("import-orders", str(late))
    assert told.status == 3
    assert "SO-2 3 WIDGET 9 open 4 open" in told.said
    assert "set-backorder-policy --backorders allow" in told.err
    assert shop.type("import-orders", str(late), "--json").json["differences"] == [{
        "key": "SO-2", "row": 3, "about": "WIDGET", "in_file": "9 open", "in_ledger": "4 open",
    }]


def test_a_purchase_order_whose_date_may_be_two_is_not_recorded(
    shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "po.csv"
    file.write_text(PURCHASES.format("03.04.2026"), encoding="utf-8")
    refused = shop.type("import-purchase-orders", str(file))
    assert refused.status == 4
    assert "Row 2: ETA: '03.04.2026' is 2026-04-03 where the day comes first" in refused.err
    assert shop.type("import-purchase-orders", str(file), "--dates", "day-first").status == 0
    (line,) = shop.ask("purchase-order", "PO-1")["lines"]
    assert (line["remaining"], line["expected_date"]) == (10, "2026-04-03")


def test_a_count_is_shown_then_recorded(shop: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "count.csv"
    file.write_text("Item,Counted,Counted by\nWIDGET,24,ZOE\n", encoding="utf-8")
    shown = shop.type("reconcile", str(file))
    assert (shown.status, shown.err) == (0, "")
    assert "WIDGET at default: not counted before; received +25" in shown.said
    assert "Nothing was recorded; --apply records the counts." in shown.said
    assert shop.type("reconcile", str(file), "--recount").out == (
        "sku,name,source,counted\nWIDGET,,default,\n"
    ), "who counts again is not told how many there should be"
    (printed,) = shop.type("reconcile", str(file), "--commands").rows
    assert (printed["command"], printed["counted"], printed["actor"]) == ("count-stock", 24, "ZOE")
    assert shop.type("reconcile", str(file), "--apply").status == 0
    (source,) = shop.ask("stock", "WIDGET")["on_hand"].items()
    assert source == ("default", 24)
    assert shop.type("reconcile", str(file), "--apply", "--commands").status == 2
