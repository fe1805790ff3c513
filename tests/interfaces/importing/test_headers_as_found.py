"""Headers as public files have them, and what stands below them; the rows are our own."""

from collections.abc import Iterator

import pytest

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.format_name import FormatName
from stocktrail.interfaces.importing.stock.import_stock import StockFile, read_stock_file
from stocktrail.ledger.store import Ledger, open_ledger
from tests.interfaces.importing.scenes import (
    changes,
    file_of,
    imported,
    notes,
    planned,
    stock_of,
)

_SHOPIFY_COLUMNS_OF_PLACES = """\
Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Main street 1,Harbour,Damages
desk-lamp,Desk lamp,Title,Default Title,LAMP,,,12,5,1
shade,Shade,Title,Default Title,SHADE,,,not stocked,4,-2
wick,Wick,Title,Default Title,WICK,,,-1,-1,-1
"""

_WOOCOMMERCE_IN_GERMAN = """\
ID,Typ,Artikelnummer,"GTIN, UPC, EAN oder ISBN",Name,Veröffentlicht,"Sichtbarkeit im Katalog",\
Vorrätig?,Bestand,"Geringe Lagermenge","Lieferrückstande erlaubt?",Übergeordnetes Produkt
11,simple,CAP,,Kappe,1,visible,1,25,5,notify,
12,variable,HOODIE,,Hoodie,1,visible,1,,,0,
13,variation,HOODIE-RED,,Hoodie - Rot,1,visible,1,7,,0,HOODIE
"""
_WOOCOMMERCE_IN_FRENCH = """\
ID;Type;UGS;Nom;Publié;Mis en avant ?;En stock\u00a0?;Stock;Montant de stock faible;\
Autoriser les commandes de produits en rupture ?;Parent
11;simple;CAP;Casquette;1;0;1;25;5;notify;
12;variable;HOODIE;Sweat;1;0;1;;;0;
13;variation;HOODIE-RED;Sweat - Rouge;1;0;1;7;;0;HOODIE
"""
_WOOCOMMERCE_IN_SPANISH = """\
ID,Tipo,SKU,Nombre,Publicado,¿Existencias?,Inventario,Cantidad de bajo inventario,\
¿Permitir reservas de productos agotados?,Superior
11,simple,CAP,Gorra,1,1,25,5,notify,
12,variable,HOODIE,Sudadera,1,1,,,0,
13,variation,HOODIE-RED,Sudadera - Roja,1,1,7,,0,HOODIE
"""
_WOOCOMMERCE_IN_RUSSIAN = """\
ID,Тип,Артикул,Имя,Опубликован,в наличии?,Запасы,Величина малых запасов,Возможен ли предзаказ?
11,simple,CAP,Кепка,1,1,25,5,notify
12,variable,HOODIE,Худи,1,1,,,0
13,variation,HOODIE-RED,Худи - Красный,1,1,7,,0
"""


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """Open an empty ledger, in one database: what a file means is the same in the other."""
    with open_ledger(sqlite_url) as opened:
        yield opened


def test_sources_of_one_row_have_the_priority_of_their_columns(ledger: Ledger) -> None:
    found, _ = imported(ledger, _SHOPIFY_COLUMNS_OF_PLACES)
    assert changes(found)[:4] == [
        ("register source", "Main street 1", "", "", ""),
        ("register source", "Harbour", "", "", ""), ("register source", "Damages", "", "", ""),
        ("define pool", "default", "", "default", "Main street 1, Harbour, Damages, default"),
    ]
    assert stock_of(ledger, "SHADE").on_hand == {"Harbour": 4, "Damages": 0}
    assert notes(found) == {"negative_quantity": [3, 4]}, "each row once"


def test_the_default_source_has_the_priority_that_the_file_gives_it(ledger: Ledger) -> None:
    file = "source_code;sku;status;quantity\ndefault;LAMP;1;5.0000\nparis;LAMP;1;7.0000\n"
    assert ("define pool", "default", "", "default", "default, paris") in changes(
        planned(ledger, file)
    )


@pytest.mark.parametrize("file", [
    _WOOCOMMERCE_IN_GERMAN, _WOOCOMMERCE_IN_FRENCH, _WOOCOMMERCE_IN_SPANISH,
    _WOOCOMMERCE_IN_RUSSIAN,
])
def test_woocommerce_writes_its_headings_in_the_language_of_the_shop(
    ledger: Ledger, file: str
) -> None:
    found, _ = imported(ledger, file)
    assert (found.format, notes(found)["not_sold"]) == ("woocommerce", [3])
    cap = stock_of(ledger, "CAP")
    assert (cap.on_hand, cap.settings.backorders.value, cap.settings.notify_below.value) == (
        {"default": 25}, "allow_and_notify", 5
    )
    assert stock_of(ledger, "HOODIE-RED").on_hand == {"default": 7}
    assert [item.sku for item in found.items] == ["CAP", "HOODIE-RED"]


@pytest.mark.parametrize(("header", "name"), [
    ("Type,SKU,Name,Published,Is featured?,In stock?,Regular price", "woocommerce"),
    ("source_id,sku,status,quantity", "magento"), ("source_id,sku,quantity", "magento"),
    ("SKU,Title,Location,Bin name,On hand (current),On hand (new)", "shopify"),
    ("Title,URL handle,SKU,Option1 Linked To,Inventory tracker,Inventory quantity", "shopify"),
    ("Handle,SKU,Name,Track stock,In stock [Harbour],Low stock [Harbour]", "csv"),
])
def test_a_format_is_told_by_few_of_its_columns(header: str, name: FormatName) -> None:
    values = {"SKU": "LAMP", "sku": "LAMP", "Type": "simple", "URL handle": "desk-lamp"}
    row = ",".join(values.get(column, "1") for column in header.split(","))
    assert read_stock_file(file_of(f"{header}\n{row}\n")).format == name


def test_yes_and_no_may_be_one_letter(ledger: Ledger) -> None:
    file = StockFile(
        b"Handle,SKU,Name,Track stock,In stock [Harbour],Low stock [Harbour],,IMAGE LINK\n"
        b"gift,GIFT,Gift card,N,,,,\nlamp,LAMP,Desk lamp,Y,12,5,,https://shop.example/1.jpg\n",
        "export_items.csv", maps=(
            "In stock [Harbour]=quantity", "Low stock [Harbour]=notify_below",
            "Track stock=manage_stock",
        ),
    )
    imported(ledger, file)
    assert stock_of(ledger, "GIFT").settings.manage_stock.value == "off"
    lamp = stock_of(ledger, "LAMP")
    assert (lamp.on_hand, lamp.settings.notify_below.value) == ({"default": 12}, 5)


def test_words_of_a_heading_may_be_joined(ledger: Ledger) -> None:
    found, _ = imported(ledger, "Sku,OnHand,NotifyBelow,On hand\nLAMP,7,5,12\n")
    assert (found.layout.heading("quantity"), found.layout.heading("notify_below")) == (
        "On hand", "NotifyBelow"
    ), "what is written in words goes first"
    assert stock_of(ledger, "LAMP").on_hand == {"default": 12}


def test_a_table_without_headings_is_told_to_get_some() -> None:
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of("1\tDesk lamp\tLAMP\t750\n2\tShade\tSHADE\t500\n"))
    assert refused.value.message.endswith(
        "If row 1 holds no headings, put a row of them above it."
    )
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of("Article,Name\nLAMP,Desk lamp\n"))
    assert refused.value.message.endswith("in row 1, are Article, Name.")


_WITH_OPTIONS = """\
Item Type,Product ID,Product Name,Product Type,Product Code/SKU,Track Inventory,Current Stock Level
Product,77,"[Sample] Towel",P,TOWEL,by option,0
"  SKU",,,,TOWEL-BLUE,,25
Product,80,"[Sample] Terrarium",P,TERRARIUM,by product,9
"""


def test_a_row_of_a_list_is_no_header_because_it_holds_the_word() -> None:
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of(_WITH_OPTIONS))
    assert "in row 1, are Item Type, Product ID," in refused.value.message
    read = read_stock_file(file_of(_WITH_OPTIONS)._replace(
        maps=("Product Code/SKU=sku", "Current Stock Level=quantity")
    ))
    assert [item.sku for item in read.items] == ["TOWEL", "TOWEL-BLUE", "TERRARIUM"]
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of("Key,Product,Cost,,\n210,Frame,$868.63,Black,58\n"))
    assert "in row 1, are Key, Product, Cost." in refused.value.message
    numbered_shops = "Stock list\n\nSKU,101,102\nLAMP,4,5\n"
    assert read_stock_file(file_of(numbered_shops)).layout.header_row == 3


def test_a_column_that_is_only_somewhat_like_a_field_is_not_offered() -> None:
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of("Sku no,Handle\nLAMP,desk-lamp\n")._replace(maps=("Hndle=sku",)))
    assert "Did you mean Handle?" in refused.value.message, "a heading that was misspelt"
    with pytest.raises(BadFile) as refused:
        read_stock_file(file_of("Product,Sum\nLAMP,4\n"))
    assert "Did you mean" not in refused.value.message


def test_that_nothing_is_counted_is_not_said_of_rows_that_are_wrong(ledger: Ledger) -> None:
    found = planned(ledger, "sku,quantity\nLAMP,4\nLAMP,5\n")
    assert [error.code for error in found.findings.errors] == ["ambiguous_sku"]
    assert notes(found) == {}


def test_a_total_is_one_also_below_rows_of_less_than_nothing(ledger: Ledger) -> None:
    found = planned(ledger, "sku,quantity\nLAMP,12\nSHADE,-3\n'Total',9\n")
    assert notes(found) == {"negative_quantity": [3], "total_row": [4]}
    assert found.findings.errors == []
    found = planned(ledger, "sku,quantity\nLAMP,12\nSHADE,-3\nTotal,15\n")
    assert [error.code for error in found.findings.errors] == ["total_row"]


def test_a_unit_is_shown_as_it_is_written(ledger: Ledger) -> None:
    found = planned(ledger, "sku,name,unit,quantity\nROPE,Rope,Metre,1.5\n")
    assert changes(found)[0] == ("register item", "ROPE", "", "", "Rope, unit Metre, decimal yes")
