"""Going back over the log on the command line: both clocks, replay, and what changed."""

import json

import pytest

from tests.interfaces.terminal import Terminal

EARLY, LATE = "2026-01-10", "2026-01-20"


@pytest.fixture
def backfilled(terminal: Terminal) -> Terminal:
    """Return a shop that told the receipt of the tenth after that of the twentieth."""
    terminal.submit(
        {"command": "register-product", "sku": "A"}, {"command": "register-product", "sku": "B"},
        {"command": "set-backorder-policy", "backorders": "allow"},
        {"command": "receive-stock", "sku": "A", "quantity": 5, "occurred_at": f"{LATE}T09:00:00Z"},
        {"command": "receive-stock", "sku": "A", "quantity": 2,
         "occurred_at": f"{EARLY}T09:00:00Z"},
        {"command": "place-order", "order": "SO-1", "customer": "ADA",
         "occurred_at": f"{EARLY}T10:00:00Z", "lines": [{"sku": "A", "quantity": 9}]},
    )
    return terminal


def test_on_hand_by_the_time_at_which_things_happened(backfilled: Terminal) -> None:
    for day, units in (("2026-01-09", {}), (EARLY, {"default": 2}), (LATE, {"default": 7})):
        asked = ("--occurred-as-of", day)
        assert backfilled.ask("stock", "A", *asked)["on_hand"] == units
        listed = backfilled.ask("stock", *asked)
        assert [(row["sku"], row["on_hand"]) for row in listed["rows"]] == [("A", units), ("B", {})]
        assert listed["as_of"] == backfilled.ask("status")["head"]


def test_who_waited_by_the_time_at_which_things_happened(backfilled: Terminal) -> None:
    for by in ("item", "customer"):
        asked = ("backorders", "--by", by, "--occurred-as-of")
        assert backfilled.ask(*asked, "2026-01-09")["rows"] == []
        [row] = backfilled.ask(*asked, EARLY)["rows"]
        assert row["sku"] == "A"
        assert "2026-01-10" in backfilled.type(*asked, EARLY).out


def test_both_clocks_together(backfilled: Terminal) -> None:
    asked = ("stock", "A", "--occurred-as-of", EARLY, "--as-of")
    head = backfilled.ask("status")["head"]
    assert backfilled.ask(*asked, str(head))["on_hand"] == {"default": 2}
    assert backfilled.ask(*asked, "4")["on_hand"] == {}


def test_replay_and_difference_tell_the_same(backfilled: Terminal) -> None:
    told = backfilled.ask("replay", "A", "--until", "5")
    assert told["balances"]["on_hand"] == 7
    assert [row["position"] for row in told["rows"]] == [1, 4, 5]
    assert "5 were received at default." in backfilled.type("replay", "A").said
    changed = backfilled.ask("diff", "--from", "4", "--to", "5")
    [item] = changed["stock"]
    assert item["changes"]["on_hand at default"] == {"from": 5, "to": 7}
    assert [each["position"] for each in item["events"]] == [5]
    assert "1 event from position 4 to position 5." in backfilled.type(
        "diff", "--from", "4", "--to", "5"
    ).out


@pytest.mark.parametrize("words", [
    ("replay", "A", "--until", "999"), ("diff", "--from", "1", "--to", "999"),
    ("replay", "NOTHING"), ("stock", "A", "--occurred-as-of", "yesterday"),
    ("stock", "--occurred-as-of", "2026-02-30"), ("diff", "--from", "never"),
])
def test_what_cannot_be_answered_is_told_in_a_sentence(
    backfilled: Terminal, words: tuple[str, ...]
) -> None:
    refused = backfilled.type(*words, "--json")
    assert refused.status in {3, 4}
    assert json.loads(refused.err)["code"] in {"unknown_position", "unknown_sku", "bad_moment"}
