"""Parquet: what is exported is read by DuckDB, and has the numbers of the views."""

import json
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stocktrail.interfaces.parquet import writing
from stocktrail.ledger.store.portable.atomic_file import atomic_folder
from tests.interfaces.terminal import ROOT, Terminal

TABLES = [
    "events", "outcomes", "stock_history", "backorders_by_item", "backorders_by_customer",
    "backorders_by_vendor",
]
PLACED = "2026-03-01T09:00:00Z"
TODAY = "2026-03-02"


@pytest.fixture
def short_shop(tmp_path: Path, database_url: str) -> Terminal:
    """Return a terminal on a shop, on either database, in which customers wait for rope."""
    terminal = Terminal(tmp_path / "shop.db")
    terminal.url = database_url
    answer = terminal.submit(
        {"command": "register-product", "sku": "ROPE", "decimal": True, "name": "Rope, \u00fc"},
        {"command": "set-backorder-policy", "backorders": "allow"},
        {"command": "receive-stock", "sku": "ROPE", "quantity": "2.5", "occurred_at": PLACED},
        {"command": "place-order", "order": "SO-1", "customer": "ANNA", "occurred_at": PLACED,
         "lines": [{"sku": "ROPE", "quantity": "4.0001"}]},
        {"command": "receive-stock", "sku": "NOTHING", "quantity": 1},
        {"command": "place-purchase-order", "purchase_order": "PO-1", "vendor": "Lumen",
         "occurred_at": PLACED,
         "lines": [{"sku": "ROPE", "quantity": 9, "expected_date": "2026-03-09"}]},
        {"command": "register-customer", "customer": "ANNA", "name": "Anna Berg"},
        {"command": "place-order", "order": "SO-2", "customer": "BEN", "occurred_at": PLACED,
         "lines": [{"sku": "ROPE", "quantity": "0.5"}]},
    )
    assert answer.status == 3, answer.out
    return terminal


def exported(terminal: Terminal, *flags: str) -> dict[str, list[dict[str, Any]]]:
    """Export the ledger, and return the rows of each table as DuckDB reads them."""
    folder = terminal.database.parent / f"export-{len(flags)}"
    report = terminal.ask("export", str(folder), "--format", "parquet", "--today", TODAY, *flags)
    assert sorted(path.stem for path in folder.iterdir()) == sorted(TABLES)
    found = {}
    for name in TABLES:
        asked = duckdb.from_parquet(str(folder / f"{name}.parquet"))
        rows = [dict(zip(asked.columns, row, strict=True)) for row in asked.fetchall()]
        assert len(rows) == report["rows"][name]
        found[name] = rows
    return found


def as_json(value: Any) -> Any:
    """Return a value of DuckDB as the views write it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [as_json(each) for each in value]
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    return value


@pytest.mark.parametrize("flags", [(), ("--as-of", "7")], ids=["now", "earlier"])
def test_every_table_has_the_rows_of_its_view(
    short_shop: Terminal, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
) -> None:
    monkeypatch.setattr(writing, "ROWS_IN_GROUP", 3)
    found = exported(short_shop, *flags)
    for view in ("item", "customer", "vendor"):
        shown = short_shop.ask("backorders", "--by", view, "--today", TODAY, *flags)["rows"]
        assert as_json(found[f"backorders_by_{view}"]) == shown != []
    history = short_shop.ask("history", "ROPE", *flags)["rows"]
    assert as_json(found["stock_history"]) == [{"sku": "ROPE", **row} for row in history]
    log = [event for event in short_shop.type("events", "--json").rows
           if not flags or event["position"] <= 7]
    assert len(found["events"]) == len(log)
    for row, event in zip(found["events"], log, strict=True):
        for name in ("position", "type", "stream", "version", "recorded_at", "occurred_at"):
            assert as_json(row[name]) == event[name]
        assert json.loads(row["data"]) == event["data"] or event["stream"].startswith("customer/")


def test_values_have_their_types_and_what_was_refused_is_there(short_shop: Terminal) -> None:
    found = exported(short_shop)
    line = found["backorders_by_customer"][0]
    assert (line["backordered"], line["promise_date"]) == (Decimal("1.5001"), date(2026, 3, 9))
    received = next(row for row in found["events"] if row["type"] == "StockReceived")
    assert received["quantity"] == Decimal("2.5")
    assert received["occurred_at"] == datetime(2026, 3, 1, 9, tzinfo=UTC)
    # The refusal of an unknown item is not kept: the same command may be accepted later.
    refused = [row for row in found["outcomes"] if row["code"] is not None]
    assert [(row["command"], row["status"], row["code"]) for row in refused] == [
        ("place-order", "rejected", "min_sale_quantity")
    ]
    assert len(found["outcomes"]) == 7


def test_what_a_customer_is_called_is_not_exported(short_shop: Terminal, tmp_path: Path) -> None:
    found = exported(short_shop)
    assert "Anna Berg" not in json.dumps(as_json(found), ensure_ascii=False)


def test_there_is_all_of_a_folder_or_none(shop: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    there = shop.type("export", str(folder), "--format", "parquet")
    assert (there.status, there.err.count("is there already")) == (3, 1)
    beyond = shop.type("export", str(tmp_path / "new"), "--format", "parquet", "--as-of", "99")
    assert beyond.status == 3
    assert sorted(path.name for path in tmp_path.iterdir() if "db" not in path.name) == ["out"]


KILLED = """
import os, signal, sys
from pathlib import Path
from stocktrail.ledger.store.portable.atomic_file import atomic_folder

with atomic_folder(Path(sys.argv[1])) as beside:
    (beside / "events.parquet").write_bytes(b"half of it")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_export_left_goes_with_the_next_one(shop: Terminal, tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "out")], cwd=ROOT)
    assert killed.returncode == -signal.SIGKILL
    [left] = tmp_path.glob(".out*z")
    with atomic_folder(tmp_path / "other") as going_on:
        assert shop.type("export", str(tmp_path / "out"), "--format", "parquet").status == 0
        assert not left.exists()
        assert going_on.is_dir(), "somebody is still writing it"
    assert sorted(path.name for path in tmp_path.iterdir() if "db" not in path.name) == [
        "other", "out",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [(["export", "--format", "parquet"], "missing_flag"),
     (["export", "x", "--format", "parquet", "--keys"], "bad_flag"),
     (["export", "x", "--as-of", "1"], "bad_flag"),
     (["export", "x", "--format", "excel"], "bad_flag")],
)
def test_flags_that_do_not_go_together(shop: Terminal, words: list[str], code: str) -> None:
    answer = shop.type(*words)
    assert (answer.status, answer.out) == (2, "")
    assert f"[{code}]" in answer.err


def test_without_the_library_a_sentence_says_how_to_install_it(
    shop: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "stocktrail.interfaces.parquet.writing")
    monkeypatch.delattr("stocktrail.interfaces.parquet.writing")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = shop.type("export", str(tmp_path / "new"), "--format", "parquet")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == (
        "Parquet is written by pyarrow, which is not installed: pip install 'stocktrail[parquet]'. "
        "[missing_library]\n"
    )
    assert not (tmp_path / "new").exists()
