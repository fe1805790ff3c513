"""A long log is verified by two processes, and a second one that dies changes no verdict."""

import os
import signal
from collections.abc import Mapping

import pytest

from stocktrail.projections.models.version import VERSION
from stocktrail.projections.verify import verification, verify
from stocktrail.projections.verify.order_side import OrderSide, order_digests
from tests.projections.shop import Shop
from tests.projections.test_history import a_busy_week


@pytest.fixture(autouse=True)
def always_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a second process worth its while on any ledger."""
    monkeypatch.setattr(verification, "WORTH_A_PROCESS", 0)


def test_two_processes_find_what_one_does(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_week(shop)
    by_two = verify(shop.models)
    assert (by_two.ok, by_two.compared) == (True, True)
    elsewhere = order_digests(shop.ledger.url, by_two.position)
    assert elsewhere.items() <= by_two.digests.items()
    monkeypatch.setattr(verification, "WORTH_A_PROCESS", 10**9)
    assert verify(shop.models) == by_two


@pytest.mark.parametrize(("statement", "named"), [
    ("UPDATE order_line_v{v} SET shipped = 0 WHERE order_id = 'SO-1'",
     "order_id 'SO-1', line 1 has shipped 0, but 60000 follows from the log"),
    ("DELETE FROM source_item_v{v} WHERE source = 'berlin'",
     "follows from the log but is not in the read model"),
])
def test_a_row_that_was_changed_is_named_whichever_process_folds_it(
    shop: Shop, statement: str, named: str
) -> None:
    a_busy_week(shop)
    shop.tamper(statement.format(v=VERSION))
    [finding] = verify(shop.models).findings
    assert finding.code == "read_model_differs"
    assert named in finding.message


def test_a_second_process_that_dies_changes_no_verdict(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    before = verify(shop.models)
    asked = OrderSide.digests

    def killed(side: OrderSide) -> Mapping[str, str]:
        os.kill(side._process._process.pid, signal.SIGKILL)
        side._process._process.wait()
        found = asked(side)
        assert found == {}
        return found

    monkeypatch.setattr(OrderSide, "digests", killed)
    monkeypatch.setattr(
        "stocktrail.projections.verify.order_side.WORKER", "tests.projections.waits_for_ever"
    )
    assert verify(shop.models) == before
