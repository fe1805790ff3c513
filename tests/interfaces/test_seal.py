"""Checkpoints, proofs and epochs as an auditor types them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.terminal import ROOT, Terminal


@pytest.fixture
def sealed(shop: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a shop whose checkpoints are signed."""
    key = shop.database.parent / "shop.key"
    monkeypatch.setenv("STOCKTRAIL_SIGNING_KEY", str(key))
    assert shop.type("new-key", "--name", "example.org/shop").status == 0
    return shop


def folder(shop: Terminal) -> Path:
    """Return the folder of the checkpoints."""
    return shop.database.with_name(shop.database.name + ".checkpoints")


def receive(shop: Terminal, quantity: int = 1) -> None:
    """Put something on hand."""
    answer = shop.submit({"command": "receive-stock", "sku": "WIDGET", "quantity": quantity})
    assert answer.status == 0, answer.err


def test_a_checkpoint_is_printed_kept_and_extended(sealed: Terminal, tmp_path: Path) -> None:
    old = tmp_path / "old"
    made = sealed.type("checkpoint", "--output", str(old))
    assert made.status == 0
    assert made.out == old.read_text()
    assert made.out.splitlines()[:2] == ["example.org/shop", "2"]
    receive(sealed)
    assert sealed.ask("checkpoint")["size"] == 3
    verified = sealed.ask("verify", "--checkpoint", str(old))
    assert verified["checkpoints"] == 3
    assert {each["ok"] for each in verified["verdicts"].values()} == {True}
    other = Terminal(tmp_path / "other.db")
    other.submit({"command": "register-product", "sku": "WIDGET"})
    failed = other.type(
        "verify", "--json", "--checkpoint", str(old), "--key", str(folder(sealed) / "verifier.key")
    )
    assert failed.status == 16
    assert failed.json["verdicts"]["anchored"]["position"] == 2
    assert other.type("verify", "--json", "--checkpoint", str(old)).json["findings"][0][
        "code"] == "bad_signature"


def test_a_proof_holds_without_the_ledger(sealed: Terminal, tmp_path: Path) -> None:
    sealed.type("checkpoint", "--output", str(tmp_path / "old"))
    receive(sealed)
    sealed.type("checkpoint", "--output", str(tmp_path / "new"))
    key = (folder(sealed) / "verifier.key").read_text().strip()
    proof = tmp_path / "proof.json"
    assert sealed.type("prove", "3", "--output", str(proof)).status == 0
    shown = sealed.type("prove", "3", "--no-payload")
    assert {"body", "result", "events"}.isdisjoint(json.loads(shown.out))
    between = tmp_path / "between.json"
    assert sealed.type(
        "consistency", str(tmp_path / "old"), str(tmp_path / "new"), "--output", str(between)
    ).status == 0
    told = sealed.type("verify-proof", str(proof), "--key", key)
    assert "stands at position 3 of the log of 3 events signed by example.org/shop" in told.said
    told = sealed.type("verify-proof", str(between), "--key", key)
    assert "begins with what the earlier checkpoint covers" in told.said
    for file in (proof, between):
        ended = subprocess.run(
            [sys.executable, "-I", "-S", str(ROOT / "examples" / "verify_proof.py"), file, key],
            capture_output=True, text=True, timeout=60,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
    proof.write_text(proof.read_text().replace("StockReceived", "StockReturned"))
    refused = sealed.type("verify-proof", str(proof), "--key", key)
    assert (refused.status, "[proof_fails]" in refused.err) == (3, True)


@pytest.mark.parametrize(("part", "name", "value"), [
    ("proof", "position", 2.0), ("proof", "position", "2"), ("command", "occurred_at", 1.5),
    ("command", "sequence", 2.0), ("command", "fingerprint", "x"), ("command", "status", None),
    ("command", "extra", "paid by card"), ("proof", "note", "quantity 100"),
    ("proof", "events", []), ("proof", "body", None), ("proof", "command", []),
    ("proof", "checkpoint", None),
])
def test_a_forged_proof_is_refused_in_a_sentence(
    sealed: Terminal, tmp_path: Path, part: str, name: str, value: Any
) -> None:
    sealed.type("checkpoint")
    key = (folder(sealed) / "verifier.key").read_text().strip()
    file = tmp_path / "forged.json"
    proof = json.loads(sealed.type("prove", "2").out)
    (proof if part == "proof" else proof["command"])[name] = value
    file.write_text(json.dumps(proof))
    refused = sealed.type("verify-proof", str(file), "--key", key)
    assert (refused.status, refused.out) == (3, "")
    assert "Traceback" not in refused.err
    ended = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "examples" / "verify_proof.py"), file, key],
        capture_output=True, text=True, timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("It does not hold: ")


def test_the_older_checkpoint_is_named_first(sealed: Terminal, tmp_path: Path) -> None:
    sealed.type("checkpoint", "--output", str(tmp_path / "old"))
    receive(sealed)
    sealed.type("checkpoint", "--output", str(tmp_path / "new"))
    refused = sealed.type("consistency", str(tmp_path / "new"), str(tmp_path / "old"))
    assert (refused.status, "[not_covered]" in refused.err) == (3, True)


def test_what_cannot_be_proven_or_read_is_said(sealed: Terminal, tmp_path: Path) -> None:
    for words, status, code in (
        (("prove", "1"), 3, "no_checkpoint"),
        (("new-key", "--name", "a b", "--key", str(tmp_path / "k")), 4, "bad_key_name"),
        (("new-key", "--name", "example.org/shop"), 3, "key_exists"),
        (("checkpoint", "--key", str(tmp_path / "none")), 3, "key_not_found"),
        (("verify-proof", "nothing.json", "--key", "a+b"), 4, "bad_key"),
        (("verify", "--checkpoint", str(tmp_path / "none")), 1, "input_or_output_failed"),
        (("new-epoch", "--reason", "why not"), 0, ""),
        (("new-epoch", "--reason", "again"), 3, "log_is_whole"),
        (("prove", "99"), 3, "not_covered"),
    ):
        answer = sealed.type(*words, "--json")
        assert answer.status == status, (words, answer)
        assert not code or json.loads(answer.err)["code"] == code


def test_a_restored_backup_is_read_only_until_a_new_epoch_begins(
    sealed: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = sealed.database.read_bytes()
    receive(sealed)
    sealed.type("checkpoint")
    sealed.database.write_bytes(backup)
    refused = sealed.submit({"command": "receive-stock", "sku": "WIDGET", "quantity": 5})
    assert (refused.status, json.loads(refused.err)["code"]) == (5, "log_cut_short")
    assert "what stood at position 3 and after it is gone" in refused.err
    assert sealed.ask("stock", "WIDGET")["salable_quantity"] == 25
    assert sealed.type("checkpoint").status == 1
    assert sealed.type("verify").status == 16
    begun = sealed.ask("new-epoch", "--reason", "The disk failed", "--actor", "ann")
    assert begun["position"] == 3
    assert begun["checkpoint"].splitlines()[1] == "3"
    receive(sealed, 5)
    assert sealed.ask("verify")["ok"] is True
    [event] = sealed.type("events", "--type", "EpochBegan", "--json").rows
    assert event["actor"] == "ann"
    assert event["data"]["reason"] == "The disk failed"
    assert event["data"]["checkpoint"].splitlines()[1] == "3"
    assert "The log ends at position 2" in event["data"]["finding"]


def test_a_new_epoch_is_told_with_what_was_put_aside(sealed: Terminal) -> None:
    backup = sealed.database.read_bytes()
    receive(sealed)
    sealed.type("checkpoint")
    sealed.database.write_bytes(backup)
    begun = sealed.type("new-epoch", "--reason", "The disk failed")
    assert begun.status == 0
    told = begun.said
    assert "A new epoch begins at position 3." in told
    assert "The log ends at position 2" in told
    assert "The earlier checkpoints are in" in told


def test_checkpoints_come_by_themselves(
    sealed: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKTRAIL_CHECKPOINT_EVERY", "2")
    for quantity in range(1, 5):
        receive(sealed, quantity)
    monkeypatch.setenv("STOCKTRAIL_CHECKPOINT_EVERY", "often")
    assert sealed.submit().status == 1
    sizes = [int(file.name[:12]) for file in sorted(folder(sealed).glob("*.checkpoint"))]
    assert sizes == [3, 5]
