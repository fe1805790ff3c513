"""The seal: trees and paths as RFC 6962 has them, on both databases."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.product import register
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.checkpoint_schedule import CheckpointSchedule
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.merkle import tree
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint, signed_checkpoint
from stocktrail.ledger.store.merkle.integrity import IntegrityCheck
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.notes import Signer, Verifier, signatures_of
from stocktrail.ledger.store.merkle.proofs import (
    check_proof,
    prove_consistency,
    prove_inclusion,
    proven_event,
)
from tests.projections.intruder import Intruder
from tests.store.shop import order, send, stocked, table

SCRIPT = Path(__file__).parents[2] / "examples" / "verify_proof.py"

CERTIFICATE_TRANSPARENCY = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
"""The leaves of the test vectors of Certificate Transparency, in hexadecimal."""

ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Their roots at sizes 1 to 8, as its documents give them."""


def script() -> Any:
    """Load the example that checks proofs with nothing but Python."""
    spec = importlib.util.spec_from_file_location("verify_proof", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_roots_are_those_of_certificate_transparency() -> None:
    leaves = [tree.leaf_hash(bytes.fromhex(each)) for each in CERTIFICATE_TRANSPARENCY]
    for size, root in enumerate(ROOTS, 1):
        assert tree.CompactRange().extend(leaves[:size])[0].root.hex() == root
    assert tree.EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")


@given(st.integers(1, 700), st.data())
def test_every_leaf_and_every_beginning_is_proven(size: int, data: st.DataObject) -> None:
    leaves = [tree.leaf_hash(str(number).encode()) for number in range(size)]
    whole = tree.CompactRange().extend(leaves)[0]

    def node_at(level: int, number: int) -> bytes:
        return tree.CompactRange().extend(leaves[number << level : number + 1 << level])[0].root

    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    path = tree.inclusion_path(node_at, index, size)
    assert tree.root_of_path(leaves[index], index, size, path) == whole.root
    assert script().root_of(leaves[index], index, size, path) == whole.root
    begun = tree.CompactRange().extend(leaves[:old])[0]
    between = tree.consistency_path(node_at, old, size)
    assert tree.is_consistent(old, begun.root, size, whole.root, between)
    assert script().extends((old, begun.root), (size, whole.root), between)
    other = tree.leaf_hash(b"other")
    assert not tree.is_consistent(old, other, size, whole.root, between)
    assert not script().extends((old, other), (size, whole.root), between) or old == 0
    if old < size:
        assert not tree.is_consistent(old, begun.root, size, other, between) or old == 0


@given(st.lists(st.integers(0, 300), max_size=6))
def test_a_tree_grows_the_same_however_it_is_cut(parts: list[int]) -> None:
    leaves = [tree.leaf_hash(str(number).encode()) for number in range(sum(parts))]
    grown, kept, done = tree.CompactRange(), [], 0
    for part in parts:
        grown, more = grown.extend(leaves[done : done + part])
        kept += more
        done += part
    at_once, kept_at_once = tree.CompactRange().extend(leaves)
    assert grown == at_once
    assert sorted(kept) == sorted(kept_at_once)
    assert len(kept) == len(leaves) // 256 + len(leaves) // 65_536
    assert tree.CompactRange.of_bytes(grown.size, grown.as_bytes()) == grown


def test_no_two_rows_have_one_leaf() -> None:
    row = CommandRow(
        1, 1, 2, 5, 6, None, b"f", "saved", b"{}", b"{}", b"[]", None, None, None, None, None
    )
    changes: dict[str, list[Any]] = {
        "sequence": [2], "first_position": [2], "last_position": [1], "occurred_at": [6],
        "recorded_at": [5], "command_id": ["", "x", "saved"], "fingerprint": [b"", b"ff"],
        "status": ["save", ""], "body": [b"{} ", b""], "result": [b"[]", b""],
        "events": [b"{}", b""], "correlation_id": ["", "x"], "causation_id": ["", "x"],
        "actor": ["", "x"], "credential": ["", "x"], "group_sequence": [0, -1, 1],
    }
    others = [
        row._replace(**{name: value}) for name, values in changes.items() for value in values
    ]
    leaves = command_leaves([row, *others])
    assert len(set(leaves)) == len(leaves)
    assert leaves == [leaf for each in (row, *others) for leaf in command_leaves([each])]


def test_the_seal_is_the_same_on_every_way_into_the_log(ledger: Ledger) -> None:
    send(ledger, stocked("TEA"), at_once=50)
    send(ledger, [order("SO-1", "TEA"), order("SO-2", "TEA", quantity=999)])
    new = ProductStock(ProductStock.stream_of("SUGAR"))
    for event in register(new, "Sugar", None, None, None):
        new.trigger(event)
    ledger.save(new)
    send(ledger, [order("SO-3", "TEA")])
    position, root = ledger.root()
    assert position == ledger.head().position
    head = ledger.sealed_log.head()
    rows = [row for row, _ in ledger.sealed_log.rows(0, 99, 99)]
    assert [row.status for row in rows] == [
        "accepted", "accepted", "accepted", "rejected", "saved", "accepted"
    ]
    whole = tree.CompactRange().extend(command_leaves(rows))[0]
    assert head.tree == whole
    assert root == whole.root == head.root
    assert table(ledger.url, "SELECT root, sequence FROM ledger_head") == [(whole.root, 6)]


def test_proofs_hold_with_the_program_and_with_nothing_but_python(ledger: Ledger) -> None:
    signer = Signer.new("example.org/shop")
    send(ledger, stocked("TEA"))
    old = signed_checkpoint(signer, ledger.sealed_log.head())
    send(ledger, [order(f"SO-{number}", "TEA", actor="ann") for number in range(60)], at_once=500)
    send(ledger, stocked(*(f"SKU-{number}" for number in range(150))))
    new = signed_checkpoint(signer, ledger.sealed_log.head())
    key = signer.verifier.as_text()
    for position in (1, 2, 3, 4, 255, 256, 257, 300, new.position):
        proof = prove_inclusion(ledger.sealed_log, position, new, with_payload=position % 2 == 0)
        assert check_proof(proof, signer.verifier) == new
        assert f"position {position}" in script().check(proof, key)
        [event] = ledger.read(position - 1, 1)
        shown = proven_event(proof)
        assert shown is not None
        assert (shown["position"], shown["command_id"]) == (position, event.command_id)
        assert position % 2 or shown["originator_id"] == event.originator_id
        for changed in changes_of(proof):
            with pytest.raises(Refusal):
                check_proof(changed, signer.verifier)
            with pytest.raises((ValueError, KeyError, TypeError)):
                script().check(changed, key)
    proof = prove_consistency(ledger.sealed_log, old, new)
    assert check_proof(proof, signer.verifier) == new
    assert script().check(proof, key) == f"the log of {new.position} events begins with that of 2"
    with pytest.raises(Refusal):
        check_proof({**proof, "path": proof["path"][1:]}, signer.verifier)
    with pytest.raises(ValueError, match="does not begin"):
        script().check({**proof, "path": proof["path"][1:]}, key)
    with pytest.raises(Refusal) as refused:
        prove_inclusion(ledger.sealed_log, 3, old)
    assert refused.value.code == "not_covered"


def changes_of(proof: dict[str, Any]) -> list[dict[str, Any]]:
    """Change one thing in a proof at a time."""
    command = proof["command"]
    changed = [
        {**proof, "command": {**command, "actor": "eve"}},
        {**proof, "command": {**command, "last_position": command["last_position"] + 1}},
        {**proof, "command": {**command, "sequence": command["sequence"] + 1}},
        {**proof, "position": command["first_position"] - 1},
        {**proof, "position": command["last_position"] + 1},
        {**proof, "path": proof["path"][:-1]}, {**proof, "note": "paid"},
        {**proof, "checkpoint": proof["checkpoint"].replace("\n", "\n1", 1)},
        {**proof, "path": [*proof["path"][:-1], proof["path"][-1] + "00"]},
        {**proof, "format": "another"}, {**proof, "position": float(proof["position"])},
        {**proof, "command": {name: command[name] for name in command if name != "actor"}},
        {**proof, "checkpoint": proof["checkpoint"].replace("\n\n", "\n\n- a signature\n", 1)},
        {**proof, "checkpoint": proof["checkpoint"] + "\udce9"},
    ]
    if proof["position"] == 1:
        changed.append({**proof, "position": True})
    for name in ("body", "result", "events"):
        digest = f"{name}_sha256"
        if name in proof:
            changed += [{**proof, name: proof[name] + " "}, {**proof, digest: "00" * 32}]
        else:
            changed += [
                {**proof, digest: "00" * 32}, {**proof, name: "[]"},
                {**proof, digest: proof[digest] + "00"},
            ]
    return changed


def test_a_key_is_kept_from_others_and_written_as_go_writes_it(tmp_path: Path) -> None:
    signer, path = Signer.new("example.org/shop"), tmp_path / "shop.key"
    signer.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Signer.load(path) == signer
    with pytest.raises(Refusal) as refused:
        signer.save(path)
    assert refused.value.code == "key_exists"
    path.chmod(0o644)
    for file, code in ((path, "key_is_open"), (tmp_path / "none", "key_not_found")):
        with pytest.raises(Refusal) as refused:
            Signer.load(file)
        assert refused.value.code == code
    # The example of the signed-note specification of the Go authors.
    for bad in ("PeterNeumann+c74f20a3+AQ==", "Peter", "", "caf\udce9+c74f20a3+AQ=="):
        with pytest.raises(Refusal) as refused:
            Verifier.of_text(bad)
        assert refused.value.code == "bad_key"
    peter = Verifier.of_text("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSN"
        "XgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    text, signatures = signatures_of(note)
    assert peter.has_signed(text, signatures["PeterNeumann", peter.key_id])
    assert not peter.has_signed(text + " ", signatures["PeterNeumann", peter.key_id])
    assert script().is_signed(peter.public, text.encode(), signatures["PeterNeumann", peter.key_id])


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\n1\nAA==\ncommands 1 AA==\n\n- b c\n",
                                  "a\n1\nAA==\nevents 1 AA==\n\n\N{EM DASH} b AAAAAA==\n",
                                  "\udce9\n1\nAA==\nevents 1\n\n\N{EM DASH} b AAAAAAA=\n",
                                  "a\n1\nAA==\nrows 1\n\n\N{EM DASH} b AAAAAA==\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        Checkpoint.of_note(text)
    assert refused.value.code == "bad_checkpoint"


def test_a_checkpoint_is_signed_whenever_so_many_events_have_come(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.checkpoint_path = tmp_path / "checkpoints"
    schedule = CheckpointSchedule(ledger, Signer.new("example.org/shop"), 10)
    ledger.writer.after_commit = schedule
    for number in range(25):
        send(ledger, stocked(f"SKU-{number}"))
    assert [each.position for each in ledger.checkpoints.all()] == [10, 20, 30, 40, 50]
    newest = ledger.checkpoints.newest()
    assert newest is not None
    assert (newest.position, newest.root) == ledger.root()


def save_many(ledger: Ledger) -> None:
    """Save 2,501 events at once, which are in three rows."""
    new = ProductStock(ProductStock.stream_of("SUGAR"))
    for number in range(2_501):
        for event in register(new, f"Sugar {number}", None, None, None):
            new.trigger(event)
    ledger.save(new)


def test_a_part_that_is_taken_away_is_missed_though_all_was_sealed_anew(ledger: Ledger) -> None:
    save_many(ledger)
    intruder = Intruder(ledger.url)
    intruder.do("DELETE FROM commands WHERE sequence = 3")
    intruder.reseal()
    check = IntegrityCheck(ledger.sealed_log)
    check.check_up_to(ledger.sealed_log.head())
    assert [(flaw.code, flaw.position) for flaw in check.flaws] == [("log_cut_short", 2_001)]


def test_a_command_of_many_events_is_proven_and_checked_in_its_parts(ledger: Ledger) -> None:
    signer = Signer.new("example.org/shop")
    save_many(ledger)
    send(ledger, stocked("TEA"))
    check = IntegrityCheck(ledger.sealed_log)
    check.check_up_to(ledger.sealed_log.head())
    assert (check.flaws, check.position) == ([], 2_503)
    assert check.sequence == 5
    checkpoint = signed_checkpoint(signer, ledger.sealed_log.head())
    for position in (1, 1_000, 1_001, 2_000, 2_501):
        proof = prove_inclusion(ledger.sealed_log, position, checkpoint)
        assert check_proof(proof, signer.verifier) == checkpoint
        assert f"stock/SUGAR stands at position {position}" in script().check(
            proof, signer.verifier.as_text()
        )
