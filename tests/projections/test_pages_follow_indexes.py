"""A page that is read in the order of an index costs no more the longer the list gets."""

from pathlib import Path

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.projections.questions.backlog import backlog
from stocktrail.projections.questions.latest_notices import latest_notices
from stocktrail.projections.questions.notices import notices
from tests.projections.purchasing import Purchasing
from tests.projections.query_plans import plans_of


@pytest.fixture
def slipped(tmp_path: Path) -> Purchasing:
    """Open a shop on SQLite, whose plans are looked at, with a notice of each kind."""
    shop = Purchasing(open_ledger(f"sqlite:///{tmp_path / 'stocktrail.db'}"))
    shop.allow_backorders()
    shop.carry_none("A")
    shop.order_of("SO-1", 4, 1)
    shop.buy("PO-1", 9, 2)
    shop.delay("PO-1", 6)
    return shop


def walks(plans: list[str]) -> list[str]:
    """Return the steps that walk a whole table, or sort."""
    return [step for step in plans if step.startswith("SCAN") or "TEMP B-TREE" in step]


def test_notices_and_slips(slipped: Purchasing, monkeypatch: pytest.MonkeyPatch) -> None:
    models = slipped.models
    first = notices(models, limit=1)
    assert first["next"] is not None
    for ask in (
        lambda: notices(models, limit=1, after=first["next"]),
        lambda: notices(models, limit=1, as_of=models.position()),
    ):
        plans = plans_of(models, monkeypatch, ask)
        assert plans
        assert walks(plans) == []


def test_the_latest_notices(slipped: Purchasing, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = plans_of(slipped.models, monkeypatch, lambda: latest_notices(slipped.models, limit=1))
    assert [step for step in walks(plans) if step != "SCAN CONSTANT ROW"] == []


def test_the_backlog_as_of_a_moment(slipped: Purchasing, monkeypatch: pytest.MonkeyPatch) -> None:
    position = (slipped.models.position() or 1) - 1
    plans = plans_of(slipped.models, monkeypatch, lambda: backlog(slipped.models, as_of=position))
    assert any("stock_history" in step and "(position>? AND position<?)" in step for step in plans)
