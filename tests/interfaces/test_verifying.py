"""Verify, rebuild and status: what somebody changed is named, and what can be mended is mended."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.models.version import VERSION
from stocktrail.projections.rebuild.lease import begin_lease
from tests.interfaces.terminal import Terminal, with_patience

UNLOCK = "".join(
    f"DROP TRIGGER {table}_{trigger};"
    for table in ("commands", "stream_index", "ledger_head")
    for trigger in ("no_update", "no_delete")
)
"""Takes away what keeps the log from being changed."""


REPLACED = "CAST(replace(CAST(events AS TEXT), '{}', '{}') AS BLOB)"
"""Replaces a text in the events of a command."""

BITS = {"integrity": 8, "anchored": 16, "foldable": 32, "projections": 64}


def tamper(shop: Terminal, statements: str) -> None:
    """Change the database behind the program's back."""
    with closing(sqlite3.connect(shop.database)) as connection:
        connection.executescript(statements)


def finding(shop: Terminal, status: int) -> tuple[str, str]:
    """Verify what cannot be right, and give the code and the sentence of the first finding."""
    answer = shop.type("verify", "--json")
    assert (answer.status, answer.err) == (status, "")
    report = answer.json
    assert report["ok"] is False
    told = shop.type("verify")
    assert told.status == status
    wrong = [name for name, verdict in report["verdicts"].items() if verdict["ok"] is False]
    assert sum(BITS[name] for name in wrong) == status
    assert all(isinstance(report["verdicts"][name]["position"], int) for name in wrong)
    first = report["findings"][0]
    assert "".join(told.out.split()).startswith(
        "".join(f"{first['message']} [{first['code']}]".split())
    )
    return first["code"], first["message"]


@pytest.fixture
def busy(shop: Terminal) -> Terminal:
    """Sell some widgets, and catch the read models up."""
    line = [{"sku": "WIDGET", "quantity": 25}]
    answer = shop.submit(
        {"command": "register-source", "source": "east"},
        {"command": "place-order", "order": "SO-1", "customer": "Ada", "lines": line},
        {"command": "register-product", "sku": "GADGET"},
    )
    assert answer.status == 0
    assert shop.ask("verify")["ok"] is True
    return shop


def test_without_a_checkpoint_it_is_said_that_none_was_compared(busy: Terminal) -> None:
    told = "It was compared with no checkpoint, because there is none"
    assert told in busy.type("verify").said
    assert busy.ask("verify")["checkpoints"] == 0
    key = str(busy.database.parent / "signing.key")
    assert busy.type("new-key", "--name", "example.org/shop", "--key", key).status == 0
    assert busy.type("checkpoint", "--key", key).status == 0
    assert busy.type("verify").said.endswith("The log extends 1 checkpoint.")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE source_item_v{v} SET on_hand = on_hand + 1",
         "stock_levels: the row of source_item_v{v} with sku 'WIDGET', source 'default' has on_"),
        ("UPDATE stock_level_v{v} SET allocated = 0",
         "stock_levels: the row of stock_level_v{v} with sku 'WIDGET', pool 'default' has alloc"),
        ("UPDATE order_v{v} SET customer = 'Eve'", "has customer 'Eve', but 'Ada' follows"),
        ("DELETE FROM order_line_v{v}", "follows from the log but is not in the read model"),
        ("DELETE FROM low_stock_v{v}", "follows from the log but is not in the read model"),
        ("UPDATE notice_v{v} SET basis = basis + 10000", "low_stock: the row of notice_v{v}"),
        ("UPDATE stock_history_v{v} SET delta = 0 WHERE position = 2", "position 2"),
        ("UPDATE source_v{v} SET enabled = 0", "setting_levels: the row of source_v{v}"),
        ("DELETE FROM product_v{v} WHERE sku = 'GADGET'", "sku 'GADGET'"),
    ],
)
def test_a_read_model_that_was_changed_is_named_and_rebuilt(
    busy: Terminal, statement: str, named: str
) -> None:
    before = busy.ask("stock")
    tamper(busy, statement.format(v=VERSION))
    code, message = finding(busy, 64)
    assert code == "read_model_differs"
    assert named.format(v=VERSION) in message
    rebuilt = busy.type("rebuild")
    assert rebuilt.out == (
        "Every read model was built anew from the log, up to position 6.\n"
    )
    assert busy.ask("verify")["ok"] is True
    assert busy.ask("stock") == before


def test_a_read_model_that_claims_to_be_ahead_of_the_log_is_named_and_rebuilt(
    busy: Terminal,
) -> None:
    tamper(busy, "UPDATE tracking SET notification_id = 99")
    code, message = finding(busy, 64)
    assert code == "read_model_ahead"
    assert "stand at position 99, but the log ends at 6" in message
    assert busy.ask("rebuild") == {"position": 6}
    assert busy.ask("verify")["ok"] is True


@pytest.mark.parametrize(
    ("statement", "status", "code", "named"),
    [
        (f"UPDATE commands SET events = {REPLACED.format('25', '24')} WHERE sequence = 2",
         8 + 32 + 64, "event_altered", "position 2"),
        ("UPDATE commands SET events = 'garbage' WHERE sequence = 2",
         8 + 32, "event_altered", "position 2"),
        (f"UPDATE commands SET events = {REPLACED.format('OrderPlaced.v1', 'Nothing.v1')} "
         "WHERE sequence = 4", 8 + 32, "event_altered", "position 4"),
        ("UPDATE commands SET status = 'rejected' WHERE sequence = 4",
         8, "event_altered", "position 4 to 5"),
        ("DELETE FROM commands WHERE sequence = 3", 8, "position_gap", "position 3"),
        ("DELETE FROM commands WHERE sequence = 5", 8, "position_gap", "position 6"),
        ("UPDATE commands SET recorded_at = 5 WHERE sequence = 4",
         8 + 64, "recorded_time_not_increasing", "position 4"),
        ("UPDATE ledger_head SET position = 7", 8, "position_gap", "position 7"),
        ("UPDATE ledger_head SET position = 5", 8 + 64, "event_beyond_end", "position 6"),
        ("UPDATE ledger_head SET position = 0", 8 + 64, "event_beyond_end", "position 1"),
        ("UPDATE ledger_head SET sequence = 6", 8, "outcome_missing", "row 6"),
        ("UPDATE ledger_head SET sequence = 4", 8 + 32, "event_beyond_end", "row 5"),
        ("DELETE FROM stream_index WHERE stream = 'order/SO-1'", 8, "index_differs",
         "order/SO-1"),
    ],
)
def test_a_log_that_was_changed_is_named(
    busy: Terminal, statement: str, status: int, code: str, named: str
) -> None:
    tamper(busy, UNLOCK + statement)
    found, message = finding(busy, status)
    assert (found, named in message) == (code, True), message


def test_the_log_does_not_let_itself_be_changed(busy: Terminal) -> None:
    before = busy.type("events", "--json").out
    for statement in (
        "UPDATE commands SET events = '[]'", "DELETE FROM commands",
        "UPDATE stream_index SET place = 7", "DELETE FROM stream_index",
        "DELETE FROM ledger_head", "UPDATE ledger_head SET position = 1",
        "INSERT OR REPLACE INTO commands SELECT * FROM commands WHERE sequence = 1",
    ):
        with pytest.raises(sqlite3.DatabaseError):
            tamper(busy, statement)
    assert busy.type("events", "--json").out == before


def test_a_log_that_is_cut_short_is_told_and_nothing_waits_for_it(busy: Terminal) -> None:
    tamper(busy, UNLOCK + "UPDATE ledger_head SET position = 9")
    for words in (("stock",), ("rebuild",)):
        failed = busy.type(*words, "--json")
        assert (failed.status, json.loads(failed.err)["code"]) == (5, "ledger_damaged")


def test_verify_is_not_misled_by_orders_that_are_placed_meanwhile(busy: Terminal) -> None:
    writing = subprocess.Popen(
        [sys.executable, "-c", WRITER, busy.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with writing, with_patience(writing):
        assert writing.stdin is not None
        assert writing.stdout is not None
        writing.stdout.readline()
        for _ in range(10):
            verified = busy.type("verify", "--json")
            assert verified.status == 0, verified.json["findings"]
        writing.stdin.close()
        assert int(writing.stdout.readline()) >= 10
    assert busy.ask("verify")["ok"] is True


WRITER = """
import select, sys
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import open_ledger

with open_ledger(sys.argv[1]) as ledger:
    submit_one(ledger, COMMANDS["set-backorder-policy"](backorders="allow"))
    print("ready", flush=True)
    placed = 0
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        placed += 1
        submit_one(ledger, COMMANDS["place-order"].model_validate_json(
            '{"order": "W-%d", "customer": "Bob", "lines": [{"sku": "WIDGET", "quantity": 1}]}'
            % placed
        ))
    print(placed)
"""
"""Places orders, one a commit, until its standard input ends."""


def test_status_says_how_far_the_read_models_have_come(busy: Terminal) -> None:
    status = busy.ask("status")
    assert (status["database"], status["head"]) == (busy.url, 6)
    assert {each["lag"] for each in status["read_models"]} == {0}
    assert {each["name"] for each in status["read_models"]} == {
        "setting_levels", "stock_levels", "low_stock", "orders", "stock_history",
        "purchase_orders", "promises", "open_spans", "parked_items", "event_index",
        "backlog_days", "item_descriptions", "item_names", "late_events", "shipments_and_receipts",
        "registered_customers",
    }
    assert status["recorded_at"] == busy.type("events", "--json").rows[-1]["recorded_at"]
    told = " ".join(busy.type("status").out.split())
    assert "is at position 6, recorded " in told


def test_status_says_that_a_rebuild_is_at_work_or_was_interrupted(busy: Terminal) -> None:
    assert "rebuild" not in busy.ask("status")
    with open_ledger(busy.url) as ledger:
        lease = begin_lease(SideTables(ledger))
        assert busy.ask("status")["rebuild"]["running"] is True
        assert "is at work: 0 %" in busy.type("status").said
        with lease.kept():
            pass
    told = busy.ask("status")["rebuild"]
    assert (told["running"], told["percent"], told["goal"]) == (False, 0, 6)
    assert "was interrupted at 0 %" in busy.type("status").said
    busy.ask("rebuild")
    assert "rebuild" not in busy.ask("status")


def test_an_empty_ledger_is_well_and_stands_at_nothing(terminal: Terminal) -> None:
    assert terminal.type("submit", "-").status == 0
    assert terminal.ask("verify")["ok"] is True
    assert terminal.ask("rebuild") == {"position": 0}
    assert terminal.ask("status")["head"] == 0
    told = " ".join(terminal.type("status").out.split())
    assert "is at position 0; nothing is recorded yet." in told
    assert terminal.ask("stock")["rows"] == []
