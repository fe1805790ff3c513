"""By the trade's clock, whatever happens: what was recorded late is added as if it had not been."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.as_of import opening
from stocktrail.projections.as_of.by_occurred_time import LedgerAsOccurred
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.questions.stock_list import stock_list
from tests.projections.purchasing import Purchasing
from tests.projections.slow_occurred import SlowLedgerAsOccurred
from tests.projections.test_as_of_occurred_time import noon
from tests.projections.test_promises_whatever_happens import VIEWS, shop_of_its_own, steps
from tests.projections.test_read_models_agree import POOLS, SKUS, without_command

DAYS_BACK = st.sampled_from([0, 0, 0, -1, -2, -4, 1])
"""How many days before it was recorded something had happened, or after: a clock may be fast."""


def answers(shop: Purchasing, position: int, until: int) -> list[Any]:
    """Ask all that can be asked about what had happened by an instant."""
    when: dict[str, Any] = {"as_of": position, "occurred_until": until}
    found: list[Any] = [stock_list(shop.models, pool, **when) for pool in POOLS]
    found += [stock_list(shop.models, "EU", limit=1, after="A", **when)]
    for view in VIEWS:
        found += [shop.page(view, **when), shop.page(view, limit=1, **when)]
    for sku in SKUS:
        try:
            found.append(stock(shop.models, sku, "EU", **when))
        except Refusal as refused:
            found.append(refused.code)
    return found


@settings(max_examples=8)
@given(st.lists(st.tuples(steps, DAYS_BACK), min_size=6, max_size=16), st.data())
def test_what_had_happened_is_what_all_that_was_recorded_adds_up_to(
    drawn: list[tuple[tuple[int, dict[str, Any]], int]], data: st.DataObject
) -> None:
    with shop_of_its_own() as shop, pytest.MonkeyPatch.context() as patched:
        begun = shop.ledger.head().position
        for (passed, wished), back in drawn:
            shop.on_day(shop.today + passed)
            shop.try_to(
                wished["command"], **without_command(wished), **noon(shop.today + back)
            )
        head = shop.models.catch_up()
        occurred = sorted({each.occurred_at for each in shop.ledger.read(0, head)})
        instants = data.draw(st.lists(st.sampled_from(occurred), min_size=1, max_size=3))
        for position in {head, data.draw(st.integers(begun, head))}:
            for until in instants:
                patched.setattr(opening, "LedgerAsOccurred", SlowLedgerAsOccurred)
                slow = answers(shop, position, until)
                patched.setattr(opening, "LedgerAsOccurred", LedgerAsOccurred)
                assert answers(shop, position, until) == slow
