"""What the shops' files mean: each system's columns. Of the databases see ``test_again``."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from stocktrail.commands.pools import RegisterSource
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.stock.import_stock import StockFile, read_stock_file
from stocktrail.interfaces.service.example_scripts import EXAMPLES
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.pools import PoolList
from tests.interfaces.importing.files import (
    MAGENTO_PRODUCTS,
    MAGENTO_SOURCES,
    PLAIN,
    PLAIN_FLAGS,
    SHOPIFY_INVENTORY,
    SHOPIFY_INVENTORY_WIDE,
    SHOPIFY_PRODUCTS,
    SHOPIFY_PRODUCTS_NEW,
    WOOCOMMERCE_PRODUCTS,
)
from tests.interfaces.importing.scenes import (
    changes,
    file_of,
    imported,
    notes,
    planned,
    stock_of,
    workbook,
)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Open an empty ledger, in one database: what a file means is the same in the other."""
    with open_ledger(sqlite_url) as opened:
        yield opened


def pool_sources(ledger: Ledger) -> list[str]:
    models = ReadModels(ledger)
    models.catch_up()
    (pool,) = PoolList().ask(models).rows
    return pool.sources


def test_shopify_s_inventory_has_a_row_for_each_location(ledger: Ledger) -> None:
    found, outcome = imported(ledger, SHOPIFY_INVENTORY)
    assert outcome.is_recorded
    assert found.format == "shopify"
    green, red = stock_of(ledger, "LAMP-GREEN"), stock_of(ledger, "LAMP-RED")
    assert green.name == "Desk lamp - Green"
    assert green.on_hand == {"Harbour": 12, "Main street 1": 5}     # 5 was typed over 3
    assert red.on_hand == {"Main street 1": 0}                      # not stocked at the harbour
    assert stock_of(ledger, "00420").on_hand == {"Harbour": 0}      # oversold: 0 are there
    assert notes(found) == {"negative_quantity": [6], "no_sku": [7]}
    assert pool_sources(ledger) == ["Harbour", "Main street 1", "default"]
    assert imported(ledger, SHOPIFY_INVENTORY)[0].plan.unchanged == 3


def test_shopify_s_earlier_inventory_has_a_column_for_each_location(ledger: Ledger) -> None:
    found, _ = imported(ledger, SHOPIFY_INVENTORY_WIDE)
    assert stock_of(ledger, "LAMP-GREEN").on_hand == {"Harbour": 12, "Main street 1": 5}
    assert stock_of(ledger, "LAMP-RED").on_hand == {"Main street 1": 0}
    assert found.layout.ignored == [
        "Option1 Name", "Option2 Name", "Option3 Name", "HS Code", "COO"
    ]


@pytest.mark.parametrize("file", [SHOPIFY_PRODUCTS, SHOPIFY_PRODUCTS_NEW])
def test_shopify_s_products_have_rows_for_variants_and_for_pictures(
    ledger: Ledger, file: str
) -> None:
    found, _ = imported(ledger, file)
    green, red = stock_of(ledger, "LAMP-GREEN"), stock_of(ledger, "LAMP-RED")
    assert (green.name, green.on_hand) == (
        "Desk lamp - Green / L" if "Handle" in file else "Desk lamp - Green", {"default": 12}
    )
    assert green.unlimited                   # sold beyond: continue
    assert (red.settings.backorders.value, red.is_salable) == ("no", False)
    assert notes(found)["no_variant"] == [4]


def test_what_shopify_does_not_count_is_not_managed(ledger: Ledger) -> None:
    found, _ = imported(ledger, SHOPIFY_PRODUCTS)
    gift = stock_of(ledger, "GIFT")
    assert (gift.settings.manage_stock.value, gift.on_hand, gift.is_salable) == ("off", {}, True)
    assert notes(found)["no_sku"] == [6]


def test_woocommerce_counts_what_has_a_stock(ledger: Ledger) -> None:
    found, _ = imported(ledger, WOOCOMMERCE_PRODUCTS)
    cap = stock_of(ledger, "CAP")
    assert (cap.on_hand, cap.settings.backorders.value, cap.settings.notify_below.value) == (
        {"default": 25}, "allow_and_notify", 5
    )
    assert stock_of(ledger, "HOODIE-RED").on_hand == {"default": 7}
    assert stock_of(ledger, "SOCK").on_hand == {"default": 40}      # for its variations too
    assert stock_of(ledger, "ALBUM").settings.manage_stock.value == "off"
    belt = stock_of(ledger, "BELT")
    assert (belt.on_hand, belt.settings.backorders.value) == ({"default": 0}, "allow")
    mug = stock_of(ledger, "MUG")                                   # by hand, and not counted
    assert (mug.is_salable, mug.sources["default"].status) == (False, "out_of_stock")
    assert [(note.code, note.rows) for note in found.findings.notes] == [
        ("left_after_orders", []), ("not_sold", [3]), ("no_sku", [5]), ("not_sold", [7]),
        ("negative_quantity", [9]), ("out_of_stock_uncounted", [10]), ("not_sold", [11]),
        ("not_sold", [12]),
    ]


def test_magento_s_sources_are_sources_of_one_pool(ledger: Ledger) -> None:
    found, _ = imported(ledger, MAGENTO_SOURCES)
    lamp, shade = stock_of(ledger, "LAMP"), stock_of(ledger, "SHADE")
    assert (lamp.on_hand, lamp.decimal) == ({"eu-1": 6.88, "eu-2": 5}, True)
    assert shade.sources["us-1"].status == "out_of_stock"
    assert (shade.on_hand, shade.supply, shade.decimal) == ({"eu-1": 33, "us-1": 15}, 33, False)
    assert changes(found)[:4] == [
        ("register source", "eu-1", "", "", ""), ("register source", "eu-2", "", "", ""),
        ("register source", "us-1", "", "", ""),
        ("define pool", "default", "", "default", "eu-1, eu-2, us-1, default"),
    ]


def test_magento_s_products_have_settings_of_their_own_or_the_shop_s(ledger: Ledger) -> None:
    found, _ = imported(ledger, MAGENTO_PRODUCTS)
    lamp = stock_of(ledger, "LAMP")
    assert (lamp.name, lamp.salable_quantity) == ("Desk lamp", 75)  # the worked example
    assert lamp.settings.notify_below.value == 10
    shade = stock_of(ledger, "SHADE")
    assert (shade.on_hand, shade.is_salable) == ({"default": 4}, False)
    assert {each.level for each in vars(shade.settings).values()} == {"default"}
    cloth = stock_of(ledger, "CLOTH")
    assert (cloth.decimal, cloth.on_hand, cloth.salable_quantity) == (True, {"default": 7.25}, 5.25)
    gift = stock_of(ledger, "GIFT")
    assert (gift.settings.manage_stock.value, gift.on_hand) == ("off", {})
    assert notes(found) == {"store_view": [3], "out_of_stock": [4], "not_sold": [7]}


def test_a_value_that_becomes_the_shop_s_is_taken_away_again(ledger: Ledger) -> None:
    imported(ledger, MAGENTO_PRODUCTS)
    again = MAGENTO_PRODUCTS.replace("-50.0000,0,0,2,0", "-50.0000,1,0,2,1")
    assert changes(imported(ledger, again)[0]) == [
        ("set backorders", "LAMP", "", "allow_and_notify", "inherit"),
        ("set out_of_stock_threshold", "LAMP", "", "-50", "inherit"),
    ]
    assert stock_of(ledger, "LAMP").salable_quantity == 25


def test_any_list_is_read_by_what_its_columns_are_mapped_to(ledger: Ledger) -> None:
    file = StockFile(PLAIN.encode("cp1252"), "list.csv", maps=PLAIN_FLAGS, sets=("unit=piece",))
    found, _ = imported(ledger, file)
    lamp = stock_of(ledger, "LAMP")
    assert (lamp.name, lamp.unit, lamp.on_hand) == (
        "Desk lamp, green", "piece", {"berlin": 1234.5}
    )
    assert lamp.settings.notify_below.value == 20
    assert stock_of(ledger, "WICK").on_hand == {"hamburg": 0}
    assert notes(found) == {"no_sku": [6]}


def test_a_workbook_of_a_maker_of_bicycles_has_bins_and_levels_of_its_own(ledger: Ledger) -> None:
    rows: list[list[str | int]] = [
        ["ProductNumber", "Name", "SafetyStockLevel", "ReorderPoint", "Location", "Bin",
         "Quantity"],
        ["BK-M18B-40", "Mountain-500 Black, 40", 100, 75, "Final Assembly", 1, 116],
        ["BK-M18B-40", "Mountain-500 Black, 40", 100, 75, "Final Assembly", 2, 88],
        ["BK-M18B-40", "Mountain-500 Black, 40", 100, 75, "Finished Goods", 1, 304],
    ]
    file = StockFile(
        workbook(rows), "bins.xlsx", adds_up=True, maps=(
            "ProductNumber=sku", "ReorderPoint=notify_below",
            "SafetyStockLevel=out_of_stock_threshold",
        ),
    )
    found, _ = imported(ledger, file)
    bicycle = stock_of(ledger, "BK-M18B-40")
    assert bicycle.on_hand == {"Final Assembly": 204, "Finished Goods": 304}
    assert (bicycle.salable_quantity, bicycle.settings.notify_below.value) == (408, 75)
    assert found.layout.ignored == ["Bin"]


def test_the_77_products_of_northwind_come_with_their_letters(ledger: Ledger) -> None:
    rows = list(map(json.loads, (EXAMPLES / "northwind.jsonl").read_bytes().splitlines()))
    names = {row["sku"]: row["name"] for row in rows if row["command"] == "register-product"}
    units = {row["sku"]: row["quantity"] for row in rows if row["command"] == "receive-stock"}
    levels = {row["sku"]: row["value"] for row in rows if row["command"] == "change-threshold"}
    table = "ProductID;ProductName;UnitsInStock;ReorderLevel;Discontinued\r\n" + "".join(
        f'{sku};"{name}";{units[sku]:,};{levels.get(sku, "")};0\r\n'.replace(",", ".")
        for sku, name in names.items()
    )
    file = StockFile(
        table.encode("cp1252"), "products.csv", decimal="comma", maps=(
            "ProductID=sku", "ProductName=name", "UnitsInStock=quantity",
            "ReorderLevel=notify_below",
        ),
    )
    found, outcome = imported(ledger, file)
    assert (len(found.items), outcome.is_recorded) == (77, True)
    wine = next(sku for sku, name in names.items() if name == "C\u00f4te de Blaye")
    assert stock_of(ledger, wine).name == "C\u00f4te de Blaye"
    for sku in ("NW-01", "NW-02", wine):
        stock = stock_of(ledger, sku)
        assert stock.on_hand == {"default": units[sku]}
        assert stock.settings.notify_below.value == levels.get(sku, 1)


def test_thresholds_that_differ_between_sources_are_those_of_the_sources(ledger: Ledger) -> None:
    imported(ledger, "sku,source,quantity,notify below\nA,east,5,10\nA,west,5,2\n")
    stock = stock_of(ledger, "A")
    assert [stock.sources[source].low_stock for source in ("east", "west")] == [True, False]


def test_a_pool_of_one_s_own_is_left_as_it_is(ledger: Ledger) -> None:
    submit_one(ledger, RegisterSource(source="attic"))
    imported(ledger, "sku,source,quantity\nA,east,5\n")
    found, _ = imported(ledger, "sku,source,quantity\nA,west,5\n")
    assert pool_sources(ledger) == ["east", "attic", "default"]
    assert [note.message for note in found.findings.notes] == [
        "No pool sells from west: nothing there is sold until one does (define-pool)."
    ]


def test_a_format_is_told_by_the_header_or_by_name() -> None:
    with pytest.raises(BadFile) as refused:
        read_stock_file(
            file_of(MAGENTO_SOURCES.replace("sku", "SKU code"))._replace(format="magento")
        )
    assert refused.value.code == "missing_column"
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of(SHOPIFY_PRODUCTS)._replace(format="magento"))
    assert refused.value.code == "wrong_format"
    assert refused.value.message.endswith("It looks like a file of Shopify: --format shopify.")
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of(MAGENTO_PRODUCTS)._replace(format="woocommerce"))
    assert refused.value.code == "wrong_format"


def test_a_column_of_a_plain_list_is_no_location(ledger: Ledger) -> None:
    list_of_one = file_of("sku,quantity\nLAMP,4\n")._replace(format="shopify")
    found, _ = imported(ledger, list_of_one)
    assert [each[:2] for each in changes(found)] == [("register item", "LAMP")]
    assert list(notes(found)) == ["no_quantity", "nothing_counted"]


def test_what_is_not_counted_may_be_out_of_stock(ledger: Ledger) -> None:
    file = "sku,quantity,status,manage_stock\nALBUM,,no,0\n"
    _, outcome = imported(ledger, file)
    assert outcome.is_recorded
    assert imported(ledger, file)[0].plan.unchanged == 1


def test_a_total_below_the_list_is_no_item(ledger: Ledger) -> None:
    found, _ = imported(ledger, "sku,quantity\nSUM-1,4\nB,1.5\nTotal:,5.5\n")
    assert notes(found) == {"total_row": [4]}
    assert [item.sku for item in found.items] == ["SUM-1", "B"]
    found = planned(ledger, "sku,quantity\nA,4\nTotal,5.5\n")
    assert [error.code for error in found.findings.errors] == ["total_row"]
    assert [item.sku for item in planned(ledger, "sku,quantity\nTotal,5\nA,4\n").items] == [
        "Total", "A",
    ]


def test_an_error_of_a_spreadsheet_is_no_sku(ledger: Ledger) -> None:
    found = planned(ledger, "sku,quantity\nA,4\n#REF!,5\nN/A,6\n")
    assert [(error.code, error.rows) for error in found.findings.errors] == [("bad_sku", [3])]
    assert notes(found) == {"no_sku": [4]}


def test_a_file_that_was_true_at_a_time_leaves_what_moved_since(ledger: Ledger) -> None:
    monday = datetime(2026, 3, 2, 8, tzinfo=UTC)
    imported(ledger, "sku,quantity\nA,10\n")
    file = file_of("sku,quantity\nA,12\n")._replace(occurred_at=monday)
    imported(ledger, file)
    assert stock_of(ledger, "A").on_hand == {"default": 10}         # a later count stands
    before = ledger.head().position
    _, outcome = imported(ledger, file)
    assert (outcome.statuses, ledger.head().position) == ({"duplicate": 1}, before)
