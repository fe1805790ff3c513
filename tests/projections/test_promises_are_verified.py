"""Promises and purchase orders are read models too: rebuilt, verified, and read without writing."""

import re

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres_address import is_postgres_url
from stocktrail.projections import ReadModels
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT, PURCHASE_LINE
from stocktrail.projections.models.recorded_days import RECORDED_DAY
from stocktrail.projections.questions.backorders import View, backorders
from stocktrail.projections.verify import verify
from tests.projections.purchasing import DAY_0, Purchasing
from tests.projections.test_promises import the_worked_example

VIEWS: tuple[View, ...] = ("item", "customer", "vendor")


@pytest.mark.parametrize(
    ("statement", "table", "named"),
    [
        (f"UPDATE {OPEN_LINE.name} SET promise_date = '2026-01-01' WHERE order_id = 'L3'",
         OPEN_LINE.name, "order_id 'L3', line 1 has promise_date '2026-01-01'"),
        (f"DELETE FROM {OPEN_LINE.name} WHERE order_id = 'L4'", OPEN_LINE.name,
         "follows from the log but is not in the read model"),
        (f"UPDATE {PROMISE_CHANGE.name} SET days = 1 WHERE is_slip = 1", PROMISE_CHANGE.name,
         "has days 1, but 5 follows from the log"),
        (f"UPDATE {OPEN_RECEIPT.name} SET remaining = 1 WHERE purchase_order = 'PO-3'",
         OPEN_RECEIPT.name, "has remaining 1, but 200000 follows from the log"),
        (f"UPDATE {PURCHASE_LINE.name} SET slips = 0", PURCHASE_LINE.name,
         "purchase_order 'PO-2', line 1 has slips 0, but 1 follows from the log"),
        (f"UPDATE {RECORDED_DAY.name} SET value = '2030-01-01' WHERE name = 'latest'",
         RECORDED_DAY.name, "has value '2030-01-01', but '2026-03-10' follows from the log"),
    ],
)
def test_verify_names_the_first_difference(
    purchasing: Purchasing, statement: str, table: str, named: str
) -> None:
    the_worked_example(purchasing)
    purchasing.delay("PO-2", 12)
    purchasing.tamper(statement)
    [finding] = verify(purchasing.models).findings
    assert (finding.code, finding.details["table"]) == ("read_model_differs", table)
    assert named in finding.message
    purchasing.models.rebuild()
    assert verify(purchasing.models).ok


def test_a_rebuilt_read_model_answers_the_same_and_keeps_its_indexes(
    purchasing: Purchasing,
) -> None:
    the_worked_example(purchasing)
    known, indexes = [purchasing.page(by) for by in VIEWS], indexes_of(purchasing)
    for _ in range(2):
        purchasing.models.rebuild()
        assert [purchasing.page(by) for by in VIEWS] == known
        assert indexes_of(purchasing) == indexes
    assert len(indexes) >= 3


def indexes_of(shop: Purchasing) -> list[str]:
    """Return the indexes of the read models about open lines, whichever rebuild made them."""
    of_sqlite = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'open_%'"
    of_postgres = (
        "SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema() "
        "AND indexname LIKE 'open_%' AND indexname NOT LIKE '%_pkey%'"
    )
    with shop.ledger.datastore.reading_models() as cursor:
        is_postgres = is_postgres_url(shop.ledger.url)
        cursor.execute(f"{of_postgres if is_postgres else of_sqlite} ORDER BY name")
        return [re.sub(r"_rebuilt|_\d+$", "", row["name"]) for row in cursor.fetchall()]


def test_how_the_log_was_cut_into_batches_makes_no_difference(purchasing: Purchasing) -> None:
    """The shop caught up after each command; a rebuild folds all at once."""
    the_worked_example(purchasing)
    purchasing.on_day(3)
    purchasing.delay("PO-2", 12)
    purchasing.on_day(14)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    purchasing.order_of("L5", 30, 20, priority=2)
    stepwise = verify(purchasing.models).digests
    purchasing.models.rebuild()
    assert verify(purchasing.models).digests == stepwise


def test_a_database_that_cannot_be_written_answers_what_the_log_says(
    purchasing: Purchasing, database_url: str
) -> None:
    the_worked_example(purchasing)
    known = [purchasing.page(by) for by in VIEWS]
    purchasing.tamper("DELETE FROM tracking WHERE application_name LIKE 'read_models.v%'")
    with open_ledger(database_url, read_only=True) as reader:
        models = ReadModels(reader)
        assert [backorders(models, by, today=DAY_0) for by in VIEWS] == known
