"""Rule 1.6: what was recorded together became visible together."""

import pytest

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.as_of.moment import resolve_as_of
from tests.projections.shop import Shop


@pytest.fixture
def commands(shop: Shop) -> list[tuple[int, int]]:
    """Open a shop, and give the first and the last position of each of its commands."""
    ends = [
        shop.allow_backorders(),
        *(shop.send("register-product", sku=sku) for sku in "AB"),
        *(shop.send("receive-stock", sku=sku, quantity=5) for sku in "AB"),
        shop.send("place-order", order="SO-1", customer="Ada", lines=[
            {"sku": sku, "quantity": quantity} for sku, quantity in (("A", 3), ("B", 2), ("A", 4))
        ]),
        shop.send("ship-order", order="SO-1", shipment="S-1"),
        shop.send("cancel-order", order="SO-1"),
    ]
    return list(zip([1, *(end + 1 for end in ends)], ends, strict=False))


def test_a_position_inside_a_command_stands_for_its_last_event(
    shop: Shop, commands: list[tuple[int, int]]
) -> None:
    assert max(last - first for first, last in commands) > 1
    for first, last in commands:
        for position in range(first, last + 1):
            assert resolve_as_of(shop.ledger, str(position)) == last
    assert resolve_as_of(shop.ledger, "0") == 0


def test_a_recorded_time_inside_a_command_stands_for_the_position_before_its_first(
    shop: Shop, commands: list[tuple[int, int]]
) -> None:
    recorded = {each.position: each.recorded_at for each in shop.ledger.read(0, 1_000)}
    for first, last in commands:
        for position in range(first, last):
            assert resolve_as_of(shop.ledger, to_iso(recorded[position])) == first - 1
        assert resolve_as_of(shop.ledger, to_iso(recorded[last])) == last
        assert resolve_as_of(shop.ledger, to_iso(recorded[last] + 1)) == last


def test_a_position_beyond_the_log_stays_unknown(
    shop: Shop, commands: list[tuple[int, int]]
) -> None:
    with pytest.raises(Refusal) as refused:
        resolve_as_of(shop.ledger, str(commands[-1][1] + 1))
    assert refused.value.code == "unknown_position"
