"""Rule 2.7, the edges: one low-stock notice per crossing, never again on replay or rebuild."""

from tests.projections.shop import Shop


def test_a_notice_is_raised_when_the_salable_quantity_reaches_the_threshold_once(
    shop: Shop,
) -> None:
    shop.carry("A", 20)
    shop.send("change-threshold", threshold="notify_below", value=10, sku="A")
    shop.sell("SO-1", "A", 9)
    assert shop.low() == []
    raised = shop.sell("SO-2", "A", 1)
    assert shop.low() == [("A", "default", 10)]
    shop.sell("SO-3", "A", 4)
    assert shop.low() == [("A", "default", 6)]
    [notice] = shop.notices()
    assert (notice["position"], notice["basis"], notice["threshold"]) == (raised, 10, 10)
    assert (notice["level"], notice["cleared_at"], notice["kind"]) == ("product", None, "low_stock")


def test_a_notice_is_cleared_above_the_threshold_and_raised_again_at_the_next_crossing(
    shop: Shop,
) -> None:
    shop.carry("A", 2)
    shop.sell("SO-1", "A", 1)
    cleared = shop.send("receive-stock", sku="A", quantity=1)
    assert shop.low() == []
    shop.sell("SO-2", "A", 1)
    first, second = shop.notices()
    assert (first["cleared_position"], second["cleared_at"]) == (cleared, None)


def test_zero_and_negative_quantities_are_low_too(shop: Shop) -> None:
    shop.allow_backorders()
    shop.carry("A", 5)
    shop.send("change-threshold", threshold="notify_below", value=-3, sku="A")
    shop.sell("SO-1", "A", 7)
    assert shop.low() == []
    shop.sell("SO-2", "A", 1)
    assert shop.low() == [("A", "default", -3)]


def test_a_global_threshold_raises_notices_for_all_items_and_clears_them(shop: Shop) -> None:
    for sku in ("A", "B", "C"):
        shop.carry(sku, 10)
    shop.send("change-threshold", threshold="notify_below", value=50, sku="C")
    raised = shop.send("change-threshold", threshold="notify_below", value=10)
    assert [sku for sku, *_ in shop.low()] == ["A", "B", "C"]
    assert [notice["position"] for notice in shop.notices() if notice["sku"] != "C"] == [raised] * 2
    shop.send("change-threshold", threshold="notify_below", value=5)
    assert [sku for sku, *_ in shop.low()] == ["C"]
    assert len(shop.notices()) == 3


def test_where_a_source_level_threshold_is_set_the_basis_is_what_is_on_hand_there(
    shop: Shop,
) -> None:
    shop.send("register-source", source="berlin")
    shop.send("define-pool", pool="default", sources=["default", "berlin"])
    shop.carry("A", 10)
    shop.send("receive-stock", sku="A", quantity=10, source="berlin")
    shop.send("change-threshold", threshold="notify_below", value=4, source="berlin")
    shop.sell("SO-1", "A", 7)
    assert shop.low() == []
    shop.send("ship-order", order="SO-1", shipment="S-1", source="berlin")
    assert shop.low() == [("A", "berlin", 3)]
    assert shop.notices()[0]["measured"] == "on_hand"


def test_only_managed_items_that_a_source_of_the_pool_carries_are_noticed(shop: Shop) -> None:
    shop.send("register-product", sku="NOWHERE")
    shop.carry("A", 1)
    assert shop.low() == [("A", "default", 1)]
    shop.send("set-manage-stock", manage="off", sku="A")
    assert shop.low() == []
    shop.send("set-manage-stock", manage="inherit", sku="A")
    assert shop.low() == [("A", "default", 1)]


def test_a_pool_that_loses_its_source_clears_and_a_disabled_source_raises(shop: Shop) -> None:
    shop.send("register-source", source="berlin")
    shop.carry("A", 10)
    shop.send("disable-source", source="default")
    assert shop.low() == [("A", "default", 0)]
    shop.send("define-pool", pool="default", sources=["berlin"])
    assert shop.low() == []


def test_an_item_is_judged_at_the_end_of_a_command_never_inside_one(shop: Shop) -> None:
    shop.allow_backorders()
    shop.carry("A", 10)
    end = shop.send("place-order", order="SO-1", customer="C-1", lines=[
        {"sku": "A", "quantity": 9}, {"sku": "A", "quantity": 3},
    ])
    [notice] = shop.notices()
    assert (notice["position"], notice["basis"]) == (end, -2)


def test_a_rebuild_raises_nothing_again(shop: Shop) -> None:
    shop.carry("A", 1)
    shop.send("receive-stock", sku="A", quantity=5)
    shop.sell("SO-1", "A", 5)
    before = shop.notices()
    shop.models.rebuild()
    assert shop.notices() == before
    assert len(before) == 2
