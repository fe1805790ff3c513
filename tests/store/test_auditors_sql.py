"""Auditors read the log with SQL alone: the examples of the how-to, on both databases."""

import re
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from stocktrail.ledger.store import Ledger
from tests.store.shop import order, send, statuses, table

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "sql.md"
EXAMPLES = re.findall(r"```sql\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
ANSWERS = (
    [("StockReceived.v1", 2), ("OrderPlaced.v1", 1), ("ProductRegistered.v1", 1),
     ("StockReserved.v1", 1)],
    [(2, "10", "ann"), (3, "5", None)],
    [("c-2", "not_enough_salable")],
    [(4, "order/SO-1", "OrderPlaced.v1"), (5, "stock/LAMP", "StockReserved.v1")],
    [(True,)],
)


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """A shop that has received lamps, sold some, and refused to sell more."""
    results = send(ledger, [
        {"command": "register-product", "sku": "LAMP"},
        {"command": "receive-stock", "sku": "LAMP", "quantity": 10, "actor": "ann"},
        {"command": "receive-stock", "sku": "LAMP", "quantity": 5},
        order("SO-1", "LAMP", quantity=8, id="c-1"), order("SO-2", "LAMP", quantity=9, id="c-2"),
    ])
    assert statuses(results) == ["accepted"] * 4 + ["rejected"]
    return ledger


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_of_the_how_to_answers(told: Ledger, database_url: str, number: int) -> None:
    assert len(EXAMPLES) == len(ANSWERS)
    found = [
        tuple(str(each) if name == 1 and number == 1 else each for name, each in enumerate(row))
        for row in table(database_url, EXAMPLES[number])
    ]
    assert found == ANSWERS[number]


def test_the_views_say_what_the_program_says(told: Ledger, database_url: str) -> None:
    said = [
        (each.position, each.originator_id, each.originator_version, each.payload.topic,
         each.command_id, each.actor)
        for each in told.read(0, 100)
    ]
    assert table(
        database_url, "SELECT position, stream, version, type, command_id, actor FROM events "
        "ORDER BY position",
    ) == said
    assert table(database_url, "SELECT command_id, status FROM outcomes ORDER BY sequence") == [
        (each.command_id, each.status) for each in told.outcomes()
    ]


def test_both_views_have_the_same_columns_on_both_databases(
    told: Ledger, database_url: str
) -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    for view, columns in re.findall(r"- `(\w+)`: (.*?)[;.]\n", text, re.DOTALL):
        named = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", columns))
        row = table(database_url, f"SELECT {', '.join(named)} FROM {view} LIMIT 1")
        assert len(row[0]) == len(named) >= 14


@pytest.mark.parametrize(
    "payload", [b'"\\u0000"', b'"\\ud800"', b"[" * 900 + b"]" * 900, b"[" * 50_000 + b"]" * 50_000],
    ids=["nul", "half", "deep", "deeper"],
)
def test_no_payload_that_the_library_saves_hides_the_others(
    told: Ledger, database_url: str, payload: bytes
) -> None:
    told.recorder.insert_events([StoredEvent("note/A", 1, "Noted", payload)])
    assert [row.state for row in told.log_recorder.stream("note/A")] == [payload]
    read = "SELECT stream, CAST(data AS TEXT) FROM events ORDER BY position"
    assert table(database_url, read)[-1] == ("note/A", "null")
