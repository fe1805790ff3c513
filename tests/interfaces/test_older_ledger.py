"""A ledger that an older version wrote opens, verifies, answers and goes on, on both databases."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.terminal import Terminal
from tests.postgres_server import PostgresServer, ServerElsewhere, drop_schema, new_schema
from tests.scenarios.older import ANSWERS, END, EXTRAS, older_database, older_export

ONLY_ON_THE_FILE = ("webhooks", "deliveries")
"""How far webhooks had come is not exported: it is no part of the log."""

_NET = "Days slipped are net: from the first promise (of the last part) to the present one."
AMENDED: dict[str, str] = {
    "order OLD-2": _NET, "backorders --by customer --today 2026-11-27": _NET,
    "notices": "A date that is found again after it was lost is told too.",
}
"""Questions that a rule answers otherwise since, by what was asked, with the rule."""

ON_THAT_DAY: dict[str, tuple[str, ...]] = {
    "order": ("--today", "2026-11-29"), "purchase-order": ("--today", "2026-11-29"),
    "explain order": ("--as-of", str(END)),
}
"""What has a question about promises answered as on the day on which it was answered."""


def questions(*, only_on_the_file: bool) -> list[Any]:
    """Return the questions answered: those that only the file can answer, or the others."""
    return [
        pytest.param(each, id=" ".join(each["ask"])) for each in ANSWERS
        if (each["ask"][0] in ONLY_ON_THE_FILE) is only_on_the_file
    ]


QUESTIONS = questions(only_on_the_file=False)
QUESTIONS_OF_THE_FILE = questions(only_on_the_file=True)


def written_on_a_file(folder: Path) -> Terminal:
    """Return a terminal about a copy of the file that the older version wrote."""
    terminal = Terminal(folder / "older.db")
    terminal.database.write_bytes(older_database())
    return terminal


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def older(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer | ServerElsewhere,
) -> Iterator[Terminal]:
    """Return a terminal about the older ledger: the file itself, or its export on a server."""
    folder = tmp_path_factory.mktemp("older")
    if request.param == "sqlite":
        yield written_on_a_file(folder)
        return
    terminal, schema = Terminal(folder / "unused.db"), new_schema()
    terminal.url = postgres.url(schema)
    imported = terminal.type("import", "-", stdin=older_export())
    assert imported.status == 0, imported.err
    yield terminal
    drop_schema(postgres, schema)


def lacks(answer: Any, then: Any, where: str = "") -> list[str]:
    """Return the places where an answer lacks or contradicts what was answered then.

    It may say more: an answer gains fields, and loses none.
    """
    if isinstance(then, dict) and isinstance(answer, dict):
        return [
            found for name in then for found in (
                lacks(answer[name], then[name], f"{where}/{name}") if name in answer
                else [f"{where}/{name} is missing"]
            )
        ]
    if isinstance(then, list) and isinstance(answer, list) and len(then) == len(answer):
        return [
            found for at, each in enumerate(then)
            for found in lacks(answer[at], each, f"{where}/{at}")
        ]
    return [] if answer == then else [f"{where} is {answer!r}, and was {then!r}"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_what_it_answered_then(older: Terminal, question: dict[str, Any]) -> None:
    assert_answered_as_then(older, question)


@pytest.mark.parametrize("question", QUESTIONS_OF_THE_FILE)
def test_how_far_webhooks_had_come_is_known_on_the_file(
    question: dict[str, Any], tmp_path: Path
) -> None:
    assert_answered_as_then(written_on_a_file(tmp_path), question)


def assert_answered_as_then(older: Terminal, question: dict[str, Any]) -> None:
    """Ask again, and compare the answer unless a rule was amended since."""
    ask = question["ask"]
    day = ON_THAT_DAY.get(ask[0]) or ON_THAT_DAY.get(" ".join(ask[:2]), ())
    answer = older.type(*ask, *day, "--json")
    assert answer.status == 0, answer.err
    found = answer.rows if ask[0] == "events" else answer.json
    if " ".join(ask) not in AMENDED:
        assert lacks(found, question["answer"]) == []


def test_every_number_of_it_follows_from_its_log(older: Terminal) -> None:
    verified = older.ask("verify")
    assert (verified["ok"], verified["position"]) == (True, END)
    assert older.type("rebuild").status == 0
    assert older.ask("verify")["ok"] is True


def test_what_was_recorded_is_known_and_it_goes_on(tmp_path: Path) -> None:
    older = written_on_a_file(tmp_path)
    sent_again = [each for each in EXTRAS if each["id"] in ("older-012", "older-018", "older-328")]
    answer = older.submit(*sent_again)
    assert [row["status"] for row in answer.rows] == ["duplicate", "duplicate", "rejected"]
    answer = older.submit(
        {"command": "receive-goods", "purchase_order": "OLD-PO-1", "receipt": "NEW-R"},
        {"command": "ship-order", "order": "OLD-1", "shipment": "NEW-S"},
        {"command": "place-order", "order": "NEW-1", "customer": "CUST-1", "pool": "web",
         "lines": [{"sku": "LAMP", "quantity": 3}]},
        {"command": "receive-stock", "sku": "OLD-LONG", "quantity": 1},
        {"command": "erase-customer", "customer": "CUST-2", "reason": "asked to be forgotten"},
        {"command": "enable-webhook", "webhook": "quiet-hook"},
    )
    assert {row["status"] for row in answer.rows} == {"accepted"}, answer.out
    assert older.ask("stock", "OLD-LONG")["on_hand"] == {"default": 251}
    assert older.ask("customer", "CUST-2")["status"] == "erased"
    assert older.ask("verify")["ok"] is True


def test_what_was_not_known_then_is_judged_anew_and_other_refusals_are_told_again(
    tmp_path: Path
) -> None:
    older = written_on_a_file(tmp_path)
    early = [each for each in EXTRAS if each["id"].startswith("older-early")]
    answer = older.submit(*early)
    assert [row["status"] for row in answer.rows] == [
        "rejected", "rejected", "rejected", "group_failed",
    ]
    assert "first_judged_at" not in answer.out
    known: list[dict[str, Any]] = [
        {"command": "register-product", "sku": "EARLY"},
        {"command": "set-backorder-policy", "sku": "EARLY", "backorders": "allow"},
        {"command": "receive-stock", "sku": "EARLY", "quantity": 1},
        {"command": "place-order", "order": "EARLY-1", "customer": "CUST-1",
         "lines": [{"sku": "EARLY", "quantity": 1}]},
    ]
    answer = older.submit(*known, *early)
    assert {row["status"] for row in answer.rows} == {"accepted"}, answer.out
    assert older.ask("stock", "EARLY")["on_hand"] == {"default": 6}
    again = older.submit(*early, {**early[1], "quantity": 6})
    assert [row["status"] for row in again.rows] == ["duplicate"] * 4 + ["conflict"]
    assert [row["events"] for row in again.rows[:4]] == [
        row["events"] for row in answer.rows[4:]
    ]
    refused = older.submit(*(each for each in EXTRAS if each["id"] == "older-328"))
    first = refused.rows[0]["first_judged_at"]
    assert (first["time"], 0 < first["position"] <= END) == (None, True)
    assert older.ask("verify")["ok"] is True
    assert older.ask("what-if", "--set", "backorders=allow")["as_of"] > END

    exported = tmp_path / "exported.jsonl"
    assert older.type("export", "--keys", str(exported)).status == 0
    copy = Terminal(tmp_path / "copy.db")
    assert copy.type("import", str(exported)).status == 0
    again = copy.submit(*early)
    assert [row["status"] for row in again.rows] == ["duplicate"] * 4
    assert copy.ask("verify")["ok"] is True


def test_it_can_be_exported_and_backed_up(tmp_path: Path) -> None:
    older = written_on_a_file(tmp_path)
    exported = older.type("export").out
    copy = Terminal(tmp_path / "copy.db")
    assert copy.type("import", "-", stdin=older_export()).status == 0
    assert copy.type("export").out == exported
    before = json.loads(older_export().partition(b"\n")[0])
    anchor = json.loads(exported.splitlines()[-1])
    assert anchor["status"] == "sealed"
    assert anchor["command"] == {"format": 2} | {
        name: before[name] for name in ("events", "event_root", "commands", "command_root")
    }


def test_ids_that_are_invalid_now_can_be_read_and_those_decomposed_go_on_being_used(
    tmp_path: Path
) -> None:
    older = written_on_a_file(tmp_path)
    answer = older.submit(
        {"command": "receive-stock", "sku": "caf\u00e9", "quantity": 1},
        {"command": "receive-stock", "sku": "cafe\u0301", "quantity": 1, "source": "M\u00fcnchen"},
        {"command": "ship-order", "order": "commande-\u00e9", "shipment": "NEW-S"},
        {"command": "receive-goods", "purchase_order": "achat-\u00e9", "receipt": "NEW-R"},
        {"command": "place-order", "order": "NEW-1", "customer": "Jos\u00e9", "pool": "sud-\u00e9",
         "lines": [{"sku": "caf\u00e9", "quantity": 8}]},
        {"command": "receive-stock", "sku": "PADDED ", "quantity": 1},
        {"command": "register-customer", "customer": "Jos\u00e9", "name": "Jose Saramago"},
    )
    assert [row["status"] for row in answer.rows] == [*["accepted"] * 5, "invalid", "accepted"]
    for spelled in ("caf\u00e9", "cafe\u0301"):
        found = older.ask("stock", spelled, "--pool", "sud-\u00e9")
        assert (found["sku"], found["pool"]) == ("cafe\u0301", "sud-e\u0301")
        assert found["on_hand"] == {"default": 4, "Mu\u0308nchen": 8}
        assert older.ask("explain", "stock", spelled)["sku"] == "cafe\u0301"
    assert older.ask("customer", "Jos\u00e9")["name"] == "Jose Saramago"
    assert older.ask("backorders", "--by", "customer", "--customer", "Jos\u00e9")["total"] == 2
    assert older.ask("stock", "PADDED ")["on_hand"] == {"default": 4}
    erased = older.submit(*(
        {"command": "erase-customer", "customer": customer, "reason": "asked to be forgotten"}
        for customer in ("Jos\u00e9", "CUST-4", "CUST-404")
    ))
    assert [row["status"] for row in erased.rows] == ["accepted", "accepted", "rejected"]
    for customer in ("Jose\u0301", "Jos\u00e9", " CUST-4 "):
        assert older.ask("customer", customer)["status"] == "erased"
    assert older.ask("verify")["ok"] is True


def test_the_whole_script_of_then_is_known_and_nothing_of_it_counts_twice(tmp_path: Path) -> None:
    older = written_on_a_file(tmp_path)
    before = older.ask("stock")
    answer = older.submit(*EXTRAS)
    told = {row["id"]: row for row in answer.rows}
    assert {row["status"] for row in answer.rows} == {
        "duplicate", "rejected", "group_failed", "invalid", "accepted",
    }
    assert [row["id"] for row in answer.rows if row["status"] == "accepted"] == ["older-011"]
    assert {row["errors"][0]["code"] for row in answer.rows if row["status"] == "invalid"} == {
        "white_space_at_end", "invisible_character",
    }
    decomposed = [each["id"] for each in EXTRAS if each.get("sku") == "cafe\u0301"]
    assert {told[each]["status"] for each in decomposed} == {"duplicate"}
    after = older.ask("stock")
    assert [row["on_hand"] for row in after["rows"]] == [row["on_hand"] for row in before["rows"]]
