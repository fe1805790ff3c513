"""Rule 1.5: a shop in Los Angeles at 20:00 on March 1 takes orders of March 1."""

from pathlib import Path
from typing import Any

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_as_of, today_at
from stocktrail.projections.verify import verify
from tests.commands.scenes import given, send
from tests.interfaces.terminal import Terminal

LOS_ANGELES = "America/Los_Angeles"
EVENING = "2026-03-02T04:00:00Z"
"""20:00 on March 1 in Los Angeles."""


@pytest.fixture
def terminal(tmp_path: Path, database_url: str) -> Terminal:
    """Return a terminal about a database that does not exist yet, on a file or on a server."""
    terminal = Terminal(tmp_path / "unused.db")
    terminal.url = database_url
    return terminal


def a_shop(*more: dict[str, Any], zone: str = LOS_ANGELES) -> list[dict[str, Any]]:
    """Open a shop in the morning of March 1 that has nothing on hand."""
    morning = "2026-03-01T16:00:00Z"
    return [
        {"command": "set-time-zone", "zone": zone, "occurred_at": morning},
        {"command": "register-product", "sku": "A", "occurred_at": morning},
        {"command": "count-stock", "sku": "A", "counted": 0, "occurred_at": morning},
        {"command": "set-backorder-policy", "backorders": "allow", "occurred_at": morning},
        *more,
    ]


def ordered(order: str, occurred_at: str = EVENING) -> dict[str, Any]:
    """Order one unit."""
    return {"command": "place-order", "order": order, "customer": "C", "occurred_at": occurred_at,
            "lines": [{"sku": "A", "quantity": 1}]}


def bought(expected_date: str, occurred_at: str = EVENING) -> dict[str, Any]:
    """Order one unit from a vendor."""
    return {"command": "place-purchase-order", "purchase_order": "PO", "vendor": "V",
            "occurred_at": occurred_at,
            "lines": [{"sku": "A", "quantity": 1, "expected_date": expected_date}]}


@pytest.mark.parametrize(("zone", "day"), [
    (LOS_ANGELES, "2026-03-01"), ("UTC", "2026-03-02"), ("Asia/Tokyo", "2026-03-02"),
])
def test_an_order_without_a_date_is_asked_for_on_the_shops_day(
    terminal: Terminal, zone: str, day: str
) -> None:
    assert terminal.submit(*a_shop(ordered("O"), zone=zone)).status == 0
    assert terminal.ask("order", "O")["lines"][0]["requested_date"] == day
    [row] = terminal.ask("backorders", "--by", "customer", "--today", "2026-03-05")["rows"]
    assert row["age_days"] == 5 - int(day[-2:])


def test_a_zone_holds_from_its_position_on(terminal: Terminal) -> None:
    answer = terminal.submit(
        *a_shop(ordered("O-1")), {"command": "set-time-zone", "zone": "UTC"}, ordered("O-2"),
        {"command": "set-time-zone", "zone": "UTC"},
    )
    assert [len(row["events"]) for row in answer.rows[-3:]] == [1, 2, 0]
    dates = [
        terminal.ask("order", order)["lines"][0]["requested_date"] for order in ("O-1", "O-2")
    ]
    assert dates == ["2026-03-01", "2026-03-02"]
    assert terminal.ask("status")["time_zone"] == "UTC"
    assert terminal.type("rebuild").status == 0
    assert terminal.ask("verify")["ok"] is True


@pytest.mark.parametrize("zone", ["Mars/Olympus_Mons", "america/los_angeles", "", "../etc/passwd"])
def test_a_zone_that_nobody_knows_is_invalid(terminal: Terminal, zone: str) -> None:
    answer = terminal.submit({"command": "set-time-zone", "zone": zone})
    assert [row["status"] for row in answer.rows] == ["invalid"]
    assert answer.rows[0]["errors"][0]["pointer"] == "/zone"


def test_recorded_promises_take_the_shops_day_for_today(terminal: Terminal) -> None:
    delayed = {"command": "delay-purchase-order", "purchase_order": "PO", "reason": "storm",
               "expected_date": "2026-03-02", "occurred_at": "2026-03-02T05:00:00Z"}
    for zone, slips in ((LOS_ANGELES, 1), ("UTC", 0)):
        terminal.url += zone[:1] if terminal.url.startswith("sqlite") else ""
        if not terminal.url.startswith("sqlite") and zone == "UTC":
            continue
        assert terminal.submit(
            *a_shop(bought("2026-03-01"), ordered("O"), delayed, zone=zone)
        ).status == 0
        [row] = terminal.ask("backorders", "--by", "customer", "--today", "2026-03-02")["rows"]
        assert (row["slips"], row["promise_date"]) == (slips, "2026-03-02"), zone


def test_a_day_alone_ends_when_the_shops_day_does(terminal: Terminal) -> None:
    received = {"command": "receive-stock", "sku": "A", "quantity": 3, "occurred_at": EVENING}
    assert terminal.submit(*a_shop(received)).status == 0
    on_hand = [
        terminal.ask("stock", "A", "--occurred-as-of", moment)["on_hand"].get("default", 0)
        for moment in ("2026-02-28", "2026-03-01", "2026-03-02T03:59:59Z")
    ]
    assert on_hand == [0, 3, 0]
    for day, moved in (("2026-02-28", set()), ("2026-03-01", {3})):
        rows = terminal.ask("history", "A", "--occurred", "--as-of", day)["rows"]
        assert {row["delta"] for row in rows if row["delta"]} == moved


def test_a_cutoff_that_is_a_time_names_the_shops_day(terminal: Terminal) -> None:
    assert terminal.submit(*a_shop(ordered("O"))).status == 0
    for cutoff, lines in (("2026-03-01", 0), ("2026-03-02", 1), (EVENING, 0)):
        found = terminal.ask("backorders", "--by", "customer", "--cutoff", cutoff)
        assert found["total"] == lines, cutoff


def test_today_is_the_clocks_day_where_the_shop_is(tmp_path: Path) -> None:
    day, evening = 24 * 3600 * 1_000_000, 1_772_424_000_000_000      # 2026-03-02T04:00:00Z
    now = [evening - 3 * day]
    with open_ledger(f"sqlite:///{tmp_path}/shop.db", clock=lambda: now[0]) as ledger:
        given(ledger, {"command": "register-product", "sku": "A"})
        assert today_at(ledger, None, clock=lambda: now[0]).isoformat() == "2026-02-27"
        given(ledger, {"command": "set-time-zone", "zone": LOS_ANGELES})
        assert today_at(ledger, None, clock=lambda: now[0]).isoformat() == "2026-02-26"
        assert today_at(ledger, 1).isoformat() == "2026-02-27"
        assert today_at(ledger, 2).isoformat() == "2026-02-26"
        now[0] = evening
        given(ledger, {"command": "register-product", "sku": "B"})
        assert resolve_as_of(ledger, "2026-03-01") == 3
        now[0] += day
        given(ledger, {"command": "set-time-zone", "zone": "UTC"})
        assert resolve_as_of(ledger, "2026-03-01") == 3, "by the zone of then"
        assert resolve_as_of(ledger, "2026-03-03") == 4
        (tried,) = send(ledger, {"command": "set-time-zone", "zone": LOS_ANGELES}, dry_run=True)
        assert [event["data"]["zone"] for event in tried.events] == [LOS_ANGELES]
        models = ReadModels(ledger)
        models.catch_up()
        assert verify(models).ok
