"""An order is answered by its own lines, however many others wait for the same item."""

from datetime import timedelta
from functools import partial

import pytest

from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.projections import ReadModels
from stocktrail.projections.models.promises_today import PromisesToday
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.questions.order import order as report_of
from tests.commands.scenes import backorders, given, order, product, receive
from tests.counted import counted
from tests.projections.purchasing import DAY_0, Purchasing, day


def test_an_order_takes_no_more_work_when_ten_times_as_many_lines_wait() -> None:
    def work(size: int) -> int:
        with open_in_memory() as ledger:
            given(ledger, product(), backorders(), receive(1),
                  *(order(f"SO-{number}", 1) for number in range(size)))
            models = ReadModels(ledger)
            models.catch_up()
            return counted(partial(report_of, models, "SO-9"))

    assert work(200) <= 1.1 * work(20)


@pytest.mark.parametrize("ship_policy", ["partial", "complete"])
@pytest.mark.parametrize("today", [0, 3, 6, 9])
def test_its_lines_are_those_of_the_queues_on_any_day(
    purchasing: Purchasing, ship_policy: str, today: int
) -> None:
    for sku, expected in (("B", 2), ("C", 5), ("D", 8)):
        purchasing.carry_none(sku)
        purchasing.buy(f"PO-{sku}", 5, expected, sku=sku)
    skus = ("A", "B", "C", "D")
    for name in ("SO-1", "SO-2"):
        purchasing.send("place-order", order=name, customer=name, ship_policy=ship_policy, lines=[
            {"sku": sku, "quantity": 3, "requested_date": day(1)} for sku in skus
        ])
    with purchasing.models.reading() as (place, cursor, _):
        settings = load_settings(place, cursor)

        def on_that_day() -> PromisesToday:
            return PromisesToday(place, cursor, settings, DAY_0 + timedelta(today))

        for asked in (skus, ("C", "D"), ("A",), ()):
            assert on_that_day().lines_of("SO-2", asked) == {
                number: line for queue in on_that_day().queues(asked).values()
                for (name, number), line in queue.lines.items() if name == "SO-2"
            }
