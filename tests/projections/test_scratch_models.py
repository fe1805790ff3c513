"""Read models in a scratch database are folded by one thread at a time."""

from threading import Event, Thread
from typing import Any

import pytest

from stocktrail.ledger.store.tables import TableSet
from stocktrail.ledger.store.time_limit import OutOfTime, limited_to
from stocktrail.projections.folding import scratch_models
from stocktrail.projections.folding.scratch_models import ScratchModels
from stocktrail.projections.folding.shadow_tables import fold_into_shadow_tables
from tests.projections.shop import Shop


def test_who_asks_meanwhile_waits_and_does_not_fold_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.carry("A", 3)
    head = shop.ledger.head().position
    begun, may_go_on = Event(), Event()
    folds: list[int] = []

    def slow(*arguments: Any) -> None:
        folds.append(1)
        begun.set()
        assert may_go_on.wait(30)
        fold_into_shadow_tables(*arguments)

    monkeypatch.setattr(scratch_models, "fold_into_shadow_tables", slow)
    models = ScratchModels(shop.ledger)
    found: list[TableSet] = []
    first = Thread(target=lambda: found.append(models.at(head)))
    first.start()
    assert begun.wait(30)
    try:
        with limited_to(0.05), pytest.raises(OutOfTime):
            models.at(head)
    finally:
        may_go_on.set()
        first.join()
    assert found == [models.at(head)]
    assert len(folds) == 1
