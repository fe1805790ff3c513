"""What was known at a moment beside what had happened by it."""

from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions import hindsight as asked_of
from stocktrail.projections.questions.hindsight import hindsight
from stocktrail.projections.questions.stock import stock
from tests.projections.purchasing import Purchasing, day


def differing(shop: Purchasing, moment: str) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Return what was known and what had happened, by item and figure."""
    return {
        row["sku"]: {
            name: (each["known"], each["happened"]) for name, each in row["figures"].items()
        } for row in hindsight(shop.models, moment)["rows"]
    }


def test_a_count_of_last_week_is_known_today(purchasing: Purchasing) -> None:
    purchasing.send("count-stock", sku="A", counted=9)
    known_at = purchasing.models.position()
    assert differing(purchasing, str(known_at)) == {}
    purchasing.send("receive-stock", sku="A", quantity=4, occurred_at=f"{day(1)}T08:00:00Z")
    purchasing.send("adjust-stock", sku="A", delta=-2, reason="broken")
    report = hindsight(purchasing.models, str(known_at))
    [row] = report["rows"]
    assert row["figures"]["on_hand at default"] == {"known": 9, "happened": 11}
    assert report["events"] == 2
    assert [each["type"] for each in row["events"]] == ["StockReceived", "StockAdjusted"]
    assert report["known_at"] == known_at


def test_it_is_what_both_questions_say_of_the_moment(purchasing: Purchasing) -> None:
    purchasing.carry_none("B")
    purchasing.order_of("SO-1", 3, 1)
    known_at = purchasing.models.position()
    purchasing.send("receive-stock", sku="A", quantity=8)
    purchasing.send("receive-stock", sku="B", quantity=2, occurred_at=f"{day(0)}T10:00:00Z")
    found = differing(purchasing, str(known_at))
    instant = hindsight(purchasing.models, str(known_at))["moment"]
    for sku in ("A", "B"):
        then = stock(purchasing.models, sku, as_of=known_at)
        assert found[sku]["on_hand at default"] == (
            then["on_hand"].get("default", 0), {"A": 8, "B": 2}[sku]
        )
    assert instant.endswith("Z")


def test_pages_follow_each_other_and_too_much_is_refused(
    purchasing: Purchasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        purchasing.carry_none(f"I{number}")
    known_at = str(purchasing.models.position())
    for number in range(3):
        purchasing.send("receive-stock", sku=f"I{number}", quantity=1)
    first = hindsight(purchasing.models, known_at, limit=2)
    rest = hindsight(purchasing.models, known_at, limit=2, after=first["next"])
    assert [row["sku"] for row in first["rows"] + rest["rows"]] == ["I0", "I1", "I2"]
    assert (first["total"], rest["next"]) == (3, None)
    monkeypatch.setattr(asked_of, "MOST_EVENTS", 2)
    with pytest.raises(Refusal) as refused:
        hindsight(purchasing.models, known_at)
    assert refused.value.code == "too_many_events"
