"""A shop's own file in the browser: looked at, its columns chosen, then recorded once."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from stocktrail.interfaces.importing import remedies
from stocktrail.interfaces.importing.remedies import Remedy
from tests.house.sources import Source, sources
from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.page_form import PageForm, send_form

PAGE = {"Accept": "text/html"}
LIST = "Artikel;Bezeichnung;Bestand\nLAMP;Desk lamp;1.004,00\nROPE;Rope;2,50\n;total;1.006,50\n"


def look(
    shop: Served, text: str | bytes, kind: str, name: str = "list.csv", **said: str
) -> httpx.Response:
    """Choose a file on the page, and look at it."""
    data = text if isinstance(text, bytes) else text.encode()
    form = PageForm(shop.client.get("/view/import", headers=PAGE).text)
    fields: dict[str, Any] = dict(form.fields) | {"kind": kind, **said}
    return shop.client.post(
        form.action, data=fields, files={"file": (name, data)}, headers=PAGE
    )


def shown(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text.partition("<main")[2]))


def test_the_plain_list_that_a_shop_has_is_taken_on_the_first_day(empty_shop: Served) -> None:
    first = look(empty_shop, LIST, "stock")
    assert first.status_code == 422
    assert "no column is the sku. Choose its column below." in shown(first)
    looked = send_form(empty_shop, first, "look", **{
        "column.sku": "Artikel", "column.name": "Bezeichnung", "column.quantity": "Bestand",
        "all.decimal": "true",
    })
    assert looked.status_code == 200, shown(looked)
    assert "CSV in UTF-8, separated by semicolons" in shown(looked)
    assert "Row 4" in shown(looked), "which names no SKU"
    assert empty_shop.service.ledger.head().position == 0
    done = send_form(empty_shop, looked, "apply")
    assert done.status_code == 303, shown(done)
    assert empty_shop.ask("/stock/ROPE")["on_hand"] == {"default": 2.5}
    again = look(empty_shop, LIST, "stock", **{
        "column.sku": "Artikel", "column.name": "Bezeichnung", "column.quantity": "Bestand",
        "all.decimal": "true",
    })
    assert "the ledger has it all" in shown(again)


def test_orders_purchase_orders_and_a_count_follow(empty_shop: Served) -> None:
    empty_shop.accept("register-product", sku="LAMP")
    empty_shop.accept("count-stock", sku="LAMP", counted=10)
    orders = "order,customer,sku,quantity\nA-1,K-7,LAMP,4\nA-2,K-7,LAMP,9\n"
    looked = look(empty_shop, orders, "orders")
    assert "1 command would be refused" in shown(looked)
    assert "/view/actions/set-backorder-policy?backorders=allow" in looked.text
    assert "Record" not in re.findall(r"<button[^>]*>([^<]*)", looked.text)
    rest = send_form(empty_shop, looked, "look", skip_wrong="yes")
    assert "order A-2" in shown(send_form(empty_shop, rest, "apply"))
    assert empty_shop.ask("/orders/A-1")["lines"][0]["ordered"] == 4
    grown = look(empty_shop, orders.replace("LAMP,4", "LAMP,5"), "orders")
    assert "A-1LAMP5 open4 open" in shown(grown).replace(" A", "A").replace("> ", "")

    owed = "PO,vendor,sku,quantity,ETA\nPO-1,Lumen,LAMP,10,03.04.2026\n"
    doubtful = look(empty_shop, owed, "purchase-orders")
    assert "2026-04-03 where the day comes first" in shown(doubtful)
    clear = send_form(empty_shop, doubtful, "look", dates="day-first")
    assert send_form(empty_shop, clear, "apply").status_code == 303
    assert empty_shop.ask("/purchase-orders/PO-1")["lines"][0]["expected_date"] == "2026-04-03"

    count = look(empty_shop, "sku,counted\nLAMP,8\n", "count")
    assert "LAMPdefault108-2" in shown(count).replace(" ", "").replace("\u2212", "-")
    assert send_form(empty_shop, count, "apply").status_code == 303
    assert empty_shop.ask("/stock/LAMP")["on_hand"] == {"default": 8}


def test_units_that_were_taken_off_the_count_are_put_back_before_they_are_ordered(
    empty_shop: Served,
) -> None:
    stock = "ID,Type,SKU,Name,Published,In stock?,Stock\n7,simple,LAMP,Lamp,1,1,6\n"
    looked = look(empty_shop, stock, "stock", "products.csv")
    assert "say there at which source their units are put back" in shown(looked)
    assert send_form(empty_shop, looked, "apply").status_code == 303
    orders = "order,customer,sku,quantity\nA-1,K-7,LAMP,4\n"
    back = send_form(empty_shop, look(empty_shop, orders, "orders"), "look", put_back="default")
    assert send_form(empty_shop, back, "apply").status_code == 303
    lamp = empty_shop.ask("/stock/LAMP")
    assert (lamp["on_hand"], lamp["salable_quantity"]) == ({"default": 10}, 6)


def sentences_of(source: Source) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings, with X where something is filled in."""
    tree = source.tree()
    alone = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values):
                alone |= set(map(id, values))
                yield "".join(
                    str(each.value) if isinstance(each, ast.Constant) else "X" for each in values
                )
            case ast.Constant(str(text)) if id(node) not in alone:
                yield text


def test_no_sentence_about_a_file_names_a_flag_on_the_page() -> None:
    ways_out = [each for each in vars(remedies).values() if isinstance(each, Remedy)]
    assert len(ways_out) > 15
    assert [each for each in ways_out if "--" in each.on_page] == []
    assert [
        text for source in sources("interfaces/importing") if source.path.stem != "remedies"
        for text in sentences_of(source) if " " in text and "--" in text
    ] == []


def test_what_is_no_table_is_said_and_a_form_that_no_page_made_is_refused(
    empty_shop: Served
) -> None:
    assert "PDF" in shown(look(empty_shop, "%PDF-1.7 ...", "stock", "list.pdf"))
    assert look(empty_shop, LIST, "songs").status_code == 422
    assert look(empty_shop, LIST, "count", counted_at="noon").status_code == 422
    start = empty_shop.client.get("/view/import", headers=PAGE)
    table = empty_shop.client.post(
        "/view/import", data=dict(PageForm(start.text, 1).fields),
        files={"file": ("list.csv", b"sku\n1\n")},
    )
    assert "This is a table." in shown(table)
    form = PageForm(start.text)
    fields = dict(form.fields)
    assert empty_shop.client.post(form.action, data=fields).status_code == 303
    torn = empty_shop.client.post(form.action, data=fields | {"packed": "???"})
    assert torn.status_code == 422


@pytest.mark.parametrize(("kind", "text", "sentence"), [
    ("stock", "Article,Count\nLAMP,4\n", "Choose its column below."),
    ("stock", "sku,Count\nMUG,4\n", "If a column does, choose it below."),
    ("stock", "sku,quantity\n,4\n", "choose below the column that tells items apart."),
    ("stock", "sku,quantity\nA,4\nA,5\n", "or let the rows of an item add up below."),
    ("stock", "sku;quantity\nA;1.234\n", "say below how it is written"),
    ("stock", 'sku,quantity\nA,1.5\nB,"1,5"\n', "say below which holds"),
    ("stock", "sku,quantity\nA,1.5\nB,1.000.5\n", "is not a number"),
    ("stock", "K\u00e4se;\u00e4,quantity\n".encode() + b"\xe4,1\n", "save it as UTF-8."),
    ("orders", "Name,Lineitem name,Lineitem sku,Lineitem quantity\n#1,Lamp,,4\n",
     "If another column tells items apart, choose it below."),
    ("orders", "Name,Lineitem name,Lineitem sku,Lineitem quantity,Lineitem fulfillment status\n"
     "#1,Lamp,LAMP,4,partial\n", "choose it below, as remaining."),
    ("orders", "order,sku,quantity,status\nA,LAMP,4,parked\n", "say below whether"),
    ("count", "sku,counted\nLAMP,4\nLAMP,5\n", "or let several shelves add up below"),
])
def test_what_is_to_be_done_is_said_in_the_words_of_the_page(
    empty_shop: Served, kind: str, text: str | bytes, sentence: str
) -> None:
    empty_shop.accept("register-product", sku="LAMP")
    page = shown(look(empty_shop, text, kind))
    assert sentence in page, page
    assert "the ledger has it all" not in page
    assert not re.findall(r"--(?:map|set|add-up|decimal|dates|encoding|format|skip)[^.]*", page)
