"""Ids: white space at an end and what is invisible are invalid; two spellings are one id."""

import json
from typing import Any
from unicodedata import normalize

import pytest

from stocktrail.commands import COMMANDS
from stocktrail.ledger.spelling import ID_PATTERN, VENDOR_PATTERN
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import Command, given, levels, receive, send, statuses, when

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"

EVERYTHING: list[Command] = [
    {"command": "register-source", "source": "s-ID"},
    {"command": "define-pool", "pool": "p-ID", "sources": ["s-ID"]},
    {"command": "register-product", "sku": "ID"},
    {"command": "set-backorder-policy", "sku": "ID", "pool": "p-ID", "backorders": "allow"},
    {"command": "change-threshold", "threshold": "notify_below", "value": 1, "sku": "ID",
     "source": "s-ID"},
    {"command": "receive-stock", "sku": "ID", "source": "s-ID", "quantity": 10},
    {"command": "transfer-stock", "sku": "ID", "from_source": "s-ID", "to_source": "default",
     "quantity": 1},
    {"command": "register-customer", "customer": "c-ID"},
    {"command": "place-order", "order": "o-ID", "customer": "c-ID", "pool": "p-ID",
     "lines": [{"sku": "ID", "quantity": 12}]},
    {"command": "place-order", "order": "o2-ID", "customer": "c-ID", "pool": "p-ID",
     "lines": [{"sku": "ID", "quantity": 2}]},
    {"command": "ship-order", "order": "o-ID", "shipment": "sh-ID", "source": "s-ID",
     "lines": [{"line": 1, "quantity": 2}]},
    {"command": "refund-order", "order": "o-ID", "refund": "f-ID",
     "lines": [{"line": 1, "quantity": 1, "outcome": "return", "source": "s-ID"}]},
    {"command": "move-allocation", "sku": "ID", "from_order": "o-ID", "to_order": "o2-ID",
     "quantity": 1, "reason": "asked"},
    {"command": "place-purchase-order", "purchase_order": "po-ID", "vendor": "v-ID",
     "source": "s-ID", "lines": [{"sku": "ID", "quantity": 5, "expected_date": "2026-03-20"}]},
    {"command": "receive-goods", "purchase_order": "po-ID", "receipt": "r-ID", "source": "s-ID",
     "lines": [{"line": 1, "quantity": 1}]},
    {"command": "cancel-purchase-order", "purchase_order": "po-ID"},
    {"command": "cancel-order", "order": "o2-ID"},
    {"command": "create-webhook", "webhook": "w-ID", "url": "https://example.com/hook"},
    {"command": "disable-webhook", "webhook": "w-ID", "reason": "enough"},
    {"command": "erase-customer", "customer": "c-ID", "reason": "asked"},
]
"""Every kind of id, in commands that follow from one another."""

IDS = [
    (name, field) for name, model in sorted(COMMANDS.items())
    for field, about in model.model_json_schema()["properties"].items()
    if {ID_PATTERN, VENDOR_PATTERN}.intersection(
        each.get("pattern") for each in (about, *about.get("anyOf", ()))
    )
]


def spelled(command: Command, spelling: str) -> Command:
    """Return a command with its ids in one spelling."""
    return dict(json.loads(json.dumps(command).replace("ID", json.dumps(spelling)[1:-1])))


def test_an_id_is_the_same_however_it_is_spelled(ledger: Ledger) -> None:
    ways = (COMPOSED, DECOMPOSED)
    results = [
        when(ledger, **spelled(command, ways[number % 2])) for number, command in
        enumerate(EVERYTHING)
    ]
    refused = [each.as_json() for each in results if each.status != "accepted"]
    assert refused == []
    streams = {event["stream"] for each in results for event in each.events}
    assert all(DECOMPOSED not in stream for stream in streams), "it is kept composed"
    assert f"stock/{COMPOSED}" in streams


def test_a_row_spelled_otherwise_is_the_same_command(ledger: Ledger) -> None:
    given(ledger, {"command": "register-product", "sku": COMPOSED})
    rows = [
        {**receive(3, sku=sku), "id": f"r-{way}", "actor": f"A-{way}", "group": f"g-{way}"}
        for sku in (COMPOSED, DECOMPOSED) for way in (COMPOSED, DECOMPOSED)
    ]
    assert statuses(send(ledger, *rows)) == ["accepted", *["duplicate"] * 3]
    assert levels(ledger, COMPOSED).supply == 3


def test_rows_of_a_group_belong_together_however_it_is_spelled(ledger: Ledger) -> None:
    rows: list[Command] = [
        {"command": "register-product", "sku": "A", "group": f"g-{COMPOSED}"},
        {"command": "cancel-order", "order": "SO-404", "group": f"g-{DECOMPOSED}"},
    ]
    assert statuses(send(ledger, *rows)) == ["group_failed", "rejected"]


@pytest.mark.parametrize("written", ["e\u0301" * 128, "\u01d5" * 128, "u\u0308\u0304" * 128])
def test_how_long_an_id_is_does_not_depend_on_its_spelling(ledger: Ledger, written: str) -> None:
    given(ledger, {"command": "register-product", "sku": normalize("NFC", written)})
    rows = [{**receive(3, sku=written), "id": normalize(form, written)} for form in ("NFC", "NFD")]
    assert statuses(send(ledger, *rows)) == ["accepted", "duplicate"]
    assert levels(ledger, normalize("NFC", written)).supply == 3


@pytest.mark.parametrize(("written", "code"), [
    ("A ", "white_space_at_end"), (" A", "white_space_at_end"), ("A\u00a0", "white_space_at_end"),
    ("\u3000A", "white_space_at_end"), (" ", "white_space_at_end"),
    ("A\u200bB", "invisible_character"), ("\ufeffA", "invisible_character"),
    ("A\u00ad", "invisible_character"), ("A\u202eB", "invisible_character"),
    ("A\U000e0041", "invisible_character"), ("A\tB", "control_character"),
    ("A\u2028B", "control_character"), ("\u0958" * 128, "string_too_long"),
    ("e\u0301" * 129, "string_too_long"), ("e" + "\u0301" * 10_000, "string_too_long"),
])
def test_what_nobody_sees_is_invalid_in_an_id(ledger: Ledger, written: str, code: str) -> None:
    result = when(ledger, command="register-product", sku=written)
    assert result.status == "invalid"
    assert [(each["pointer"], each["code"]) for each in result.errors] == [("/sku", code)]
    assert result.errors[0]["message"].startswith("sku: ")


@pytest.mark.parametrize("written", ["A B", "\u00c5\u00df", "\u0e01\u0e33", "A/B", "\U0001f600"])
def test_what_can_be_seen_is_an_id(ledger: Ledger, written: str) -> None:
    assert when(ledger, command="register-product", sku=written).status == "accepted"


def test_a_vendor_may_be_named_as_a_system_that_garbles_letters_names_it(ledger: Ledger) -> None:
    garbled = "gro\u00c3\u009fm\u00c3\u00a4rkte"
    given(ledger, {"command": "register-product", "sku": "A"})
    bought = {"command": "place-purchase-order", "lines": [{"sku": "A", "quantity": 1}]}
    placed = when(ledger, **bought, purchase_order="PO-1", vendor=garbled)
    assert placed.status == "accepted"
    for vendor in ("V\x00", "V\u200b", "V ", "V\u0085"):
        assert when(ledger, **bought, purchase_order="PO-2", vendor=vendor).status == "invalid"


def test_what_names_something_is_an_id() -> None:
    names = {field for _, field in IDS}
    assert names >= {
        "id", "actor", "correlation_id", "group", "sku", "source", "from_source", "to_source",
        "pool", "order", "from_order", "to_order", "customer", "vendor", "purchase_order",
        "shipment", "refund", "receipt", "webhook",
    }


@pytest.mark.parametrize(("name", "field"), IDS)
def test_every_id_of_every_command_is_checked(ledger: Ledger, name: str, field: str) -> None:
    row: dict[str, Any] = {"command": name, field: "A "}
    errors = {(each["pointer"], each["code"]) for each in when(ledger, **row).errors}
    assert (f"/{field}", "white_space_at_end") in errors
