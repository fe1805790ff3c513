"""Who waits, for what, until when: the worked example of pegging, typed into the command line."""

from typing import Any

import pytest

from tests.interfaces.terminal import Terminal
from tests.interfaces.waiting import (
    ON_DAY_0,
    buy,
    day,
    delay,
    item,
    order,
    send,
    the_pegging_example,
)


@pytest.fixture
def queue(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal of 100 columns about the worked example, on day 0."""
    monkeypatch.setenv("COLUMNS", "100")
    the_pegging_example(terminal)
    return terminal


def ask(terminal: Terminal, by: str, *flags: str) -> list[Any]:
    """Ask for a view, today being day 0, and give its rows."""
    rows: list[Any] = terminal.ask("backorders", "--by", by, *ON_DAY_0, *flags)["rows"]
    return rows


def pegs(rows: list[Any]) -> dict[str, list[tuple[float, str, str]]]:
    """Return what each order is pegged to."""
    return {
        row["order"]: [
            (peg["quantity"], peg["purchase_order"], peg["ready_date"]) for peg in row["pegged_to"]
        ]
        for row in rows
    }


def test_receipts_are_pegged_in_queue_order_and_promised_no_earlier_than_requested(
    queue: Terminal,
) -> None:
    report = queue.ask("backorders", "--by", "customer", *ON_DAY_0)
    assert (report["by"], report["today"], report["next"]) == ("customer", day(0), None)
    assert pegs(report["rows"]) == {
        "L1": [(6, "PO-1", day(1))], "L2": [(6, "PO-1", day(1))], "L3": [(8, "PO-2", day(7))],
        "L4": [(2, "PO-2", day(7)), (3, "PO-3", day(13))],
    }
    assert {row["order"]: row["promise_date"] for row in report["rows"]} == {
        "L1": day(5), "L2": day(2), "L3": day(7), "L4": day(13),
    }
    assert [(row["purchase_order"], row["free"], row["overdue"]) for row in ask(queue, "vendor")] \
        == [("PO-1", 0, True), ("PO-2", 0, False), ("PO-3", 17, False)]


def test_a_delay_hits_those_who_wait_for_it_and_nobody_else(queue: Terminal) -> None:
    before = {row["order"]: row for row in ask(queue, "customer")}
    position = queue.ask("status")["head"]
    assert queue.type(*delay("PO-2", 12)).status == 0
    after = {row["order"]: row for row in ask(queue, "customer")}
    assert pegs(list(after.values())) == {
        **pegs(list(before.values())), "L3": [(8, "PO-2", day(12))],
        "L4": [(2, "PO-2", day(12)), (3, "PO-3", day(13))],
    }
    assert (after["L1"], after["L2"]) == (before["L1"], before["L2"])
    slips = [row for row in queue.ask("notices")["rows"] if row["kind"] == "slip"]
    assert [
        (row["order"], row["quantity"], row["old_date"], row["new_date"], row["days"])
        for row in slips
    ] == [("L3", 8, day(7), day(12), 5), ("L4", 2, day(7), day(12), 5)]
    assert {row["cause"]["purchase_order"] for row in slips} == {"PO-2"}
    assert ask(queue, "customer", "--as-of", str(position)) == list(before.values())


def test_people_are_told_who_is_hit_and_why_once(queue: Terminal) -> None:
    queue.type(*delay("PO-2", 12))
    told = queue.type("notices").out
    assert "Promises that slipped" in told
    assert (told.count("(strike)"), told.count("the same")) == (1, 1)
    why = queue.type("explain", "promise", "L4", "1", *ON_DAY_0).out
    assert f"slipped from {day(7)} to {day(12)} (+5 days)" in " ".join(why.split())
    asked = queue.ask("explain", "promise", "L4", "1", *ON_DAY_0)
    assert asked["before"] == {"lines": 3, "backordered": 20}
    promises = queue.ask("order", "L4", *ON_DAY_0)["lines"][0]["promises"]
    assert [part["promise_date"] for part in promises] == [day(12), day(13)]
    shown = queue.type("order", "L4", *ON_DAY_0).out
    assert "purchase order PO-2 line 1" in shown
    assert "1 time" in shown


def test_one_day_is_not_days(queue: Terminal) -> None:
    queue.type(*delay("PO-2", 8))
    why = queue.type("explain", "promise", "L3", "1", *ON_DAY_0).out
    assert f"slipped from {day(7)} to {day(8)} (+1 day):" in " ".join(why.split())


@pytest.mark.parametrize(
    ("flags", "orders"),
    [
        (("--customer", "L3"), ["L3"]),
        (("--item", "A"), ["L1", "L2", "L3", "L4"]),
        (("--item", "B"), []),
        (("--vendor", "Acme"), ["L1", "L2"]),
        (("--late",), ["L3", "L4"]),
        (("--uncovered",), []),
        (("--cutoff", day(3)), ["L2", "L4"]),
        (("--pool", "default", "--source", "default"), ["L1", "L2", "L3", "L4"]),
        (("--sort", "-promise_date"), ["L4", "L3", "L1", "L2"]),
        (("--sort=-priority", "--limit", "2"), ["L4", "L3"]),
    ],
    ids=" ".join,
)
def test_lines_are_chosen_and_sorted(
    queue: Terminal, flags: tuple[str, ...], orders: list[str]
) -> None:
    assert [row["order"] for row in ask(queue, "customer", *flags)] == orders


@pytest.mark.parametrize("by", ["customer", "vendor"])
def test_page_after_page_every_line_comes_once(queue: Terminal, by: str) -> None:
    page = queue.ask("backorders", "--by", by, *ON_DAY_0, "--limit", "2")
    rows = page["rows"]
    while page["next"] is not None:
        page = queue.ask(
            "backorders", "--by", by, *ON_DAY_0, "--limit", "2", "--after", page["next"]
        )
        rows += page["rows"]
    assert rows == ask(queue, by)
    told = queue.type("backorders", "--by", by, *ON_DAY_0, "--limit", "2").out
    assert "--after " in told


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("backorders",), 2, "missing_flag"),
        (("backorders", "--by", "moon"), 2, "bad_flag"),
        (("backorders", "--by", "item", "--sort", "moon"), 4, "unknown_column"),
        (("orders", "--facet", "pink"), 4, "unknown_facet"),
        (("backorders", "--by", "item", "--limit", "0"), 4, "bad_limit"),
        (("backorders", "--by", "item", "--after", "moon"), 4, "bad_page"),
        (("backorders", "--by", "item", "--cutoff", "soon"), 4, "bad_moment"),
        (("backorders", "--by", "item", "--today", "soon"), 4, "bad_moment"),
        (("backorders", "--by", "item", "--pool", "moon"), 3, "unknown_pool"),
        (("backorders", "--by", "item", "--as-of", "999"), 3, "unknown_position"),
        (("flow", "B"), 3, "unknown_sku"),
        (("promise", "A"), 2, "missing_flag"),
        (("promise", "A", "--quantity", "0"), 4, "not_positive"),
        (("purchase-order", "PO-9"), 3, "unknown_purchase_order"),
        (("explain", "promise", "L9", "1"), 3, "unknown_order"),
        (("explain", "promise", "L1", "9"), 3, "unknown_line"),
        (("explain", "promise", "L1", "one"), 2, "bad_flag"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else None,
)
def test_what_cannot_be_answered_is_said_in_a_sentence(
    queue: Terminal, words: tuple[str, ...], status: int, code: str
) -> None:
    answer = queue.type(*words)
    assert (answer.status, answer.out) == (status, "")
    assert f"[{code}]" in answer.err


def test_what_is_short_is_to_be_ordered_or_chased(queue: Terminal) -> None:
    [row] = ask(queue, "item")
    assert (row["backordered"], row["open_supply"], row["overdue_supply"]) == (25, 42, 12)
    assert [each["purchase_order"] for each in row["expedite"]] == ["PO-2", "PO-3"]
    told = queue.type("backorders", "--by", "item", *ON_DAY_0).out
    assert "comes too late; ask the vendor to hurry" in told
    assert f"A: purchase order PO-2 line 1, expected on {day(7)}: 10 are waited for." in told
    cancelled = queue.type("cancel-purchase-order", "--purchase-order", "PO-3")
    assert cancelled.status == 0
    [row] = ask(queue, "item")
    assert (row["uncovered"], row["suggested_order_quantity"], row["expedite"]) == (3, 4, [])


def test_a_purchase_order_shows_who_waits_for_it(queue: Terminal) -> None:
    queue.type(*delay("PO-2", 12))
    told = queue.type("purchase-order", "PO-2", *ON_DAY_0).out
    assert "Purchase order PO-2 of Bolt: open." in told
    assert "L3 8, L4 2" in told
    (line,) = queue.ask("purchase-order", "PO-2", *ON_DAY_0)["lines"]
    assert (line["days_late"], line["slips"]) == (5, 1)


def test_the_first_day_on_which_a_quantity_can_be_promised(terminal: Terminal) -> None:
    send(
        terminal, *item(40),
        *(order(f"SO-{on}", units, on)
          for on, units in ((0, 12), (3, 20), (6, 35), (8, 5), (12, 10))),
        *(buy(f"PO-{on}", units, on) for on, units in ((4, 30), (9, 25), (14, 40))),
    )
    for quantity, first in (("10", day(9)), ("20", day(14)), ("54", None)):
        report = terminal.ask("promise", "A", "--quantity", quantity, *ON_DAY_0)
        assert report["first_date"] == first
    told = terminal.type("promise", "A", "--quantity", "10", *ON_DAY_0).out
    assert f"10 of A in pool default can be promised for {day(9)}, not before." in told
    assert "more must be ordered" in terminal.type("promise", "A", "--quantity", "54").out
    flow = terminal.ask("flow", "A", *ON_DAY_0)
    assert [row["balance"] for row in flow["rows"]] == [28, 8, 38, 3, -2, 23, 13, 53]
    assert "purchase order PO-4 line 1 of Acme" in terminal.type("flow", "A", *ON_DAY_0).out


def test_nobody_waits_where_nothing_is_open(shop: Terminal) -> None:
    assert "There is no such open line." in shop.type("backorders", "--by", "customer").out
    assert "Nothing is still to come or to go." in shop.type("flow", "WIDGET").out
    assert "25 of WIDGET in pool default can be promised for today" in shop.type(
        "promise", "WIDGET", "--quantity", "25"
    ).out


@pytest.mark.parametrize("by", ["item", "customer", "vendor"])
def test_a_line_is_one_line_of_100_columns(queue: Terminal, by: str) -> None:
    report = queue.ask("backorders", "--by", by, *ON_DAY_0)
    table = queue.type("backorders", "--by", by, *ON_DAY_0).out.split("\n\n")[0].splitlines()
    assert len(table) == 2 + len(report["rows"])
    assert max(map(len, table)) <= 100


def test_goods_that_nobody_can_be_sold_are_said_to_be_blocked(queue: Terminal) -> None:
    send(queue, {"command": "disable-source", "source": "default"})
    assert [row["blocked"] for row in ask(queue, "vendor")] == ["source_disabled"] * 3
    assert "blocked: source disabled" in queue.type("backorders", "--by", "vendor", *ON_DAY_0).out
    assert "blocked: source disabled" in queue.type("purchase-order", "PO-2", *ON_DAY_0).out
    flow = queue.ask("flow", "A", *ON_DAY_0)["rows"]
    assert {row["balance"] for row in flow if row["kind"] == "purchase_line"} == {
        flow[0]["balance"], flow[-1]["balance"],
    }
    assert flow[-1]["balance"] == -29
    assert "blocked: source disabled" in queue.type("flow", "A", *ON_DAY_0).out
    [row] = ask(queue, "item")
    assert (row["open_supply"], row["blocked_supply"], row["uncovered"]) == (42, 42, 29)
    assert row["next_receipt_date"] is None


def test_what_is_promised_says_whether_an_order_would_be_taken(queue: Terminal) -> None:
    told = queue.type("promise", "A", "--quantity", "5", *ON_DAY_0).out
    assert "can be promised for" in told
    assert "An order for it would be accepted now." in told
    send(queue, {"command": "set-backorder-policy", "sku": "A", "backorders": "no"})
    told = " ".join(queue.type("promise", "A", "--quantity", "5", *ON_DAY_0).out.split())
    assert f"An order for it would be accepted from {day(13)} on; now: Nothing of A may" in told
    told = " ".join(queue.type("promise", "A", "--quantity", "0.5", *ON_DAY_0).out.split())
    assert "cannot be promised for any day: no order would be accepted" in told
    assert "An order for it would be refused: " in told


def test_with_a_cutoff_it_is_said_what_is_counted(queue: Terminal) -> None:
    told = queue.type("backorders", "--by", "item", "--cutoff", day(3), *ON_DAY_0).out
    assert f"Only lines due before {day(3)} are counted" in " ".join(told.split())
    assert "are counted" not in queue.type("backorders", "--by", "item", *ON_DAY_0).out


def test_an_order_says_of_which_line_stock_is_not_managed(terminal: Terminal) -> None:
    terminal.submit(
        {"command": "register-product", "sku": "EBOOK"},
        {"command": "set-manage-stock", "sku": "EBOOK", "manage": "off"},
        {"command": "place-order", "order": "SO-9", "customer": "C-9",
         "lines": [{"sku": "EBOOK", "quantity": 2}]},
    )
    said = terminal.type("order", "SO-9", *ON_DAY_0).out.split("Promised")[1]
    assert "stock not managed" in said
    assert "allocated" not in said
