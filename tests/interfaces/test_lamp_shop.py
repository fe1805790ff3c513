"""The files of the lamp shop: as many as they say, the same each time, and never written over."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from stocktrail.interfaces.cli import main
from stocktrail.interfaces.cli.lamp_shop import LampShop

TODAY = date(2026, 11, 30)


@pytest.fixture
def rows(tmp_path: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each file, written on one day."""
    return {
        path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        for path in LampShop(TODAY).write(tmp_path)
    }


def test_they_hold_2000_items_300_open_orders_and_100_open_purchase_orders(
    rows: dict[str, list[dict[str, str]]]
) -> None:
    assert len({row["SKU"] for row in rows["inventory_export"]}) == 2000
    sold = rows["orders_export"]
    assert len({row["Name"] for row in sold}) == 360
    assert sum(row["Fulfillment Status"] == "unfulfilled" for row in sold) == 300
    bought = rows["purchase_orders"]
    assert len({row["PO number"] for row in bought if row["Status"] != "closed"}) == 100
    known = {row["SKU"] for row in rows["inventory_export"]}
    assert {row["Lineitem sku"] for row in sold} | {row["SKU"] for row in bought} <= known


def test_what_orders_wait_for_is_what_the_inventory_calls_committed(
    rows: dict[str, list[dict[str, str]]]
) -> None:
    waiting = sum(
        int(row["Lineitem quantity"]) for row in rows["orders_export"]
        if row["Lineitem fulfillment status"] == "pending"
    )
    committed = [row["Committed (not editable)"] for row in rows["inventory_export"]]
    assert waiting == sum(int(each) for each in committed if each)


def test_they_are_the_same_each_time_but_for_the_days(tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    (tmp_path / "again").mkdir()
    (tmp_path / "later").mkdir()
    now, again = LampShop(TODAY).write(tmp_path / "now"), LampShop(TODAY).write(tmp_path / "again")
    assert [each.read_bytes() for each in now] == [each.read_bytes() for each in again]
    later = LampShop(TODAY + timedelta(days=400)).write(tmp_path / "later")
    assert now[0].read_bytes() == later[0].read_bytes()
    assert "2026-11-" in now[1].read_text(encoding="utf-8")
    assert "2027-12-" not in now[1].read_text(encoding="utf-8")
    assert "2027-12-" in later[1].read_text(encoding="utf-8")


def test_a_file_that_is_there_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--files", str(tmp_path), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    Path(files[0]).write_text("mine", encoding="utf-8")
    assert main(["demo", "--files", str(tmp_path)]) == 1
    assert "File exists" in capsys.readouterr().err
    assert Path(files[0]).read_text(encoding="utf-8") == "mine"
