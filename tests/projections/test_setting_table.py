"""The setting table: what each level sets, what holds, and who gave it."""

from stocktrail.ledger.configuration import Policy
from stocktrail.projections.questions.setting_table import setting_table
from tests.projections.shop import Shop


def row(shop: Shop, name: str, **asked: str) -> dict[str, object]:
    """Read one setting."""
    rows = setting_table(shop.models, **asked)["rows"]  # type: ignore[arg-type]
    found: dict[str, object] = next(each for each in rows if each["setting"] == name)
    return found


def test_the_most_specific_level_holds(shop: Shop) -> None:
    shop.carry("A", 5)
    shop.send("change-threshold", threshold="notify_below", value=10)
    shop.send("change-threshold", threshold="notify_below", value=3, sku="A")
    found = row(shop, "notify_below", sku="A")
    assert found["levels"] == {"global": 10, "pool": None, "product": 3, "product_in_pool": None}
    assert (found["value"], found["level"]) == (3, "product")
    shop.send("change-threshold", threshold="notify_below", value="inherit", sku="A")
    assert row(shop, "notify_below", sku="A")["value"] == 10


def test_a_source_has_a_notice_of_its_own_where_it_is_set(shop: Shop) -> None:
    shop.carry("A", 5)
    found = row(shop, "notify_below_at_source", sku="A", source="default")
    assert (found["value"], found["level"]) == (None, "off")
    shop.send("change-threshold", threshold="notify_below", value=2, source="default")
    found = row(shop, "notify_below_at_source", sku="A", source="default")
    assert (found["value"], found["level"]) == (2, "source")


def test_without_an_item_the_levels_of_all_items_are_shown(shop: Shop) -> None:
    shop.send("set-backorder-policy", backorders="allow", pool="default")
    found = row(shop, "backorders")
    assert found["levels"] == {"global": None, "pool": "allow"}
    assert (found["value"], found["level"]) == ("allow", "pool")


def test_an_earlier_moment_has_what_was_set_then(shop: Shop) -> None:
    shop.carry("A", 5)
    position = shop.send("change-threshold", threshold="notify_below", value=3, sku="A")
    shop.send("change-threshold", threshold="notify_below", value=9, sku="A")
    then = setting_table(shop.models, sku="A", as_of=position)
    found = {each["setting"]: each["value"] for each in then["rows"]}
    assert (then["as_of"], found["notify_below"]) == (position, 3)
    assert row(shop, "notify_below", sku="A")["value"] == 9


def test_every_setting_that_holds_has_a_row(shop: Shop) -> None:
    shop.carry("A", 5)
    rows = setting_table(shop.models, sku="A")["rows"]
    assert [each["setting"] for each in rows] == [*Policy._fields]
