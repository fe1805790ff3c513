"""The item grid: search, facets with their counts, sorting, paging, any earlier moment."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import open_ledger
from stocktrail.projections.answers.item_grid.grid_page import COLUMNS, GridPage
from stocktrail.projections.answers.item_grid.now import ItemsNow
from stocktrail.projections.answers.item_grid.then import ItemsThen
from stocktrail.projections.as_of import LedgerAsRecorded
from stocktrail.projections.as_of.all_items import AllItems
from stocktrail.projections.questions.products import ItemGrid
from tests.projections.purchasing import Purchasing
from tests.projections.query_plans import plans_of


@pytest.fixture
def stocked(purchasing: Purchasing) -> Purchasing:
    """Let there be four items, of which two are short and one is to come."""
    for number, sku in enumerate(("B", "C", "D_50%")):
        purchasing.send("register-product", sku=sku, name=f"Tea {number}")
        purchasing.send("receive-stock", sku=sku, quantity=10 * (number + 1))
    purchasing.order_of("SO-1", 4, 1)
    purchasing.order_of("SO-2", 15, 1, sku="B")
    purchasing.buy("PO-1", 5, 2, sku="B")
    return purchasing


def grid(shop: Purchasing, *, limit: int = 50, after: str | None = None, **asked: Any) -> Any:
    """Ask for a page of the grid."""
    return ItemGrid(limit=limit, after=after, **asked).answer(shop.models)


def skus(found: Any) -> list[str]:
    """Return the items of a page."""
    return [row["sku"] for row in found["rows"]]


def test_facets_count_what_is_true_of_the_items_that_are_found(stocked: Purchasing) -> None:
    found = grid(stocked)
    assert (found["total"], skus(found)) == (4, ["A", "B", "C", "D_50%"])
    assert found["facets"] == {
        "backordered": 2, "uncovered": 1, "low_stock": 2, "none_available": 2, "incoming": 1}
    assert found["totals"] == {
        name: sum(row[name] for row in found["rows"])
        for name in ("allocated", "demand", "backordered")
    }
    narrowed = grid(stocked, facets=["backordered"], q="tea")
    assert skus(narrowed) == ["B"]
    assert narrowed["facets"]["uncovered"] == 0


@pytest.mark.parametrize(("search", "found"), [
    ("TEA", ["B", "C", "D_50%"]), ("50%", ["D_50%"]), ("_", ["D_50%"]), ("Tea 1", ["C"]), ("x", []),
])
def test_a_search_is_taken_literally(stocked: Purchasing, search: str, found: list[str]) -> None:
    assert skus(grid(stocked, q=search)) == found


@pytest.mark.parametrize("sort", [
    "sku", "name", "on_hand", "allocated", "demand", "backordered", "available"])
def test_pages_together_are_the_whole_in_either_direction(stocked: Purchasing, sort: str) -> None:
    for direction in ("", "-"):
        whole = skus(grid(stocked, sort=direction + sort))
        found, after = [], None
        while True:
            page = grid(stocked, sort=direction + sort, limit=1, after=after)
            found += skus(page)
            after = page["next"]
            if after is None:
                break
        assert found == whole
        assert len(whole) == 4


def test_the_most_backordered_stands_first(stocked: Purchasing) -> None:
    found = grid(stocked, sort="-backordered")
    assert [(row["sku"], row["backordered"]) for row in found["rows"]][:2] == [("B", 5), ("A", 4)]


def test_an_earlier_moment_has_what_was_there_then(stocked: Purchasing) -> None:
    position = stocked.models.position()
    stocked.send("cancel-order", order="SO-2")
    then = ItemGrid(as_of=str(position)).answer(stocked.models)
    assert (then["facets"]["backordered"], grid(stocked)["facets"]["backordered"]) == (2, 1)


@pytest.mark.parametrize(("asked", "code"), [
    ({"sort": "price"}, "unknown_column"), ({"facets": ["red"]}, "unknown_facet"),
    ({"pool": "moon"}, "unknown_pool"),
])
def test_what_is_not_there_is_refused(
    stocked: Purchasing, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        grid(stocked, **asked)
    assert refused.value.code == code


def test_every_figure_of_the_grid_is_that_of_the_pool(stocked: Purchasing) -> None:
    stocked.send("register-source", source="north")
    stocked.send("define-pool", pool="EU", sources=["north"])
    stocked.send("receive-stock", sku="C", quantity=3, source="north")
    stocked.buy("PO-2", 7, 2, sku="C", source="north")
    for pool, on_hand, elsewhere, incoming in (("default", 20, 3, ["B"]), ("EU", 3, 20, ["C"])):
        [row] = [each for each in grid(stocked, pool=pool)["rows"] if each["sku"] == "C"]
        assert (row["on_hand_in_pool"], row["on_hand_elsewhere"]) == (on_hand, elsewhere)
        assert row["supply"] == on_hand
        assert skus(grid(stocked, pool=pool, facets=["incoming"])) == incoming
    assert skus(grid(stocked, pool="EU", sort="-on_hand"))[0] == "C"


@pytest.fixture
def diverse(purchasing: Purchasing) -> Purchasing:
    """Let there be a dozen items in all states, in two pools that share a source."""
    purchasing.send("register-source", source="north")
    purchasing.send("define-pool", pool="EU", sources=["north", "default"])
    for number in range(12):
        sku = f"K{number:02}"
        purchasing.send("register-product", sku=sku, name=f"Tea {number % 5}")
        if number:
            purchasing.send("count-stock", sku=sku, counted=0)
        for source in ("default", "north")[: number % 3]:
            purchasing.send("receive-stock", sku=sku, quantity=number // 2 + 1, source=source)
        if number % 4 == 1:
            purchasing.order_of(f"SO-{number}", number, 1, sku=sku)
            purchasing.order_of(f"EU-{number}", 2, 1, sku=sku, pool="EU")
        if number % 5 == 1:
            purchasing.buy(f"PO-{number}", number, 2, sku=sku)
    purchasing.send("set-manage-stock", sku="K09", manage="off")
    return purchasing


@pytest.mark.parametrize("facets", [
    (), ("low_stock",), ("incoming", "none_available"), ("uncovered", "backordered"),
])
def test_what_the_database_finds_is_what_sets_of_all_items_hold(
    diverse: Purchasing, facets: tuple[str, ...]
) -> None:
    with diverse.models.reading() as reading:
        moment = LedgerAsRecorded(diverse.ledger, reading, reading.position)
        for number, (column, descending) in enumerate(product(COLUMNS, (False, True))):
            pool, search = ("default", "EU")[number // 2 % 2], ("", "", "tea 1")[number % 3]
            after: str | None = None
            for _ in range(9):
                wanted = GridPage(
                    pool, moment.settings.sources_of(pool), search, facets, column, descending, 3,
                    after,
                )
                now, then = ItemsNow(reading, wanted), ItemsThen(AllItems(moment), wanted)
                page = now.page()
                assert page == then.page()
                assert now.sums() == then.sums()
                after = page[1]
                if after is None:
                    break
            assert after is None
            assert now.counts() == then.counts()


def test_the_few_are_counted_without_looking_at_the_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Purchasing(open_ledger(f"sqlite:///{tmp_path / 'stocktrail.db'}"))
    shop.carry("A", 5)
    plans = plans_of(shop.models, monkeypatch, lambda: grid(shop, sort="-backordered"))
    of_items = ("open_line", "stock_level", "level", "source_item", "item")
    walked = [step for step in plans if step.startswith("SCAN") and "COVERING" not in step]
    assert [step for step in walked if step.split()[1].partition("_v")[0] in of_items] == []
    of_few = plans.count("CO-ROUTINE product")        # the items of a facet stand for products
    assert walked.count("SCAN product") == of_few == 2
