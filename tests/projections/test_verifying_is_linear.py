"""Verification takes work in proportion to the log, however many lines of an item wait."""

from functools import partial

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.commands.scenes import backorders, given, order, pool, product, receive, source
from tests.counted import counted

FEW, MANY = 30, 120
MOST = 1.2 * MANY / FEW
"""How many times the work is still taken for proportional."""


def work_of(folder: object, lines: int) -> int:
    """Count the work of verifying as many receipts as lines wait, which cannot reach the units."""
    with open_ledger(f"sqlite:///{folder}/{lines}.db") as ledger:
        given(
            ledger, source("far"), pool("far", "far"), product(source="far"), backorders(),
            *(order(f"SO-{number}", 1, pool="far") for number in range(lines)),
            *(receive(1) for _ in range(lines)),
        )
        models = ReadModels(ledger)
        models.catch_up()
        assert verify(models).ok
        return counted(partial(verify, models))


def test_units_that_no_line_can_reach_are_seen_at_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("verifying")
    few, many = work_of(folder, FEW), work_of(folder, MANY)
    assert many < MOST * few
