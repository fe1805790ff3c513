"""What was signed of a ledger of the former format still shows that nothing in it was changed."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.merkle.checkpoint_folder import read_checkpoint
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint, signed_checkpoint
from stocktrail.ledger.store.merkle.consistency import check_extends
from stocktrail.ledger.store.merkle.notes import Signer, Verifier
from stocktrail.ledger.store.merkle.proofs import check_proof, prove_consistency, prove_inclusion
from stocktrail.ledger.store.portable.importing import import_log
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.projections.intruder import Intruder
from tests.store.shop import send, statuses, stocked
from tests.store.test_seal import script

FORMER = Path(__file__).parent / "golden" / "version_2"
"""A ledger of the former format, with two checkpoints of it and proofs against them."""

VERIFIER = Verifier.of_text((FORMER / "verifier.key").read_text())
OLD, NEW = (read_checkpoint(FORMER / f"{name}.checkpoint") for name in ("old", "new"))


@pytest.fixture
def upgraded(database_url: str, tmp_path: Path) -> Ledger:
    """Return the ledger that the former one became, on which both checkpoints lie."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    shutil.copy(FORMER / "verifier.key", folder)
    for each in (OLD, NEW):
        assert each.former is not None
        name = f"{each.size:012d}-{each.former.size:012d}.checkpoint"
        (folder / name).write_text(each.note)
    with open_ledger(database_url) as ledger, (FORMER / "log.jsonl").open("rb") as lines:
        import_log(ledger, lines)
    return open_ledger(database_url, checkpoints=folder)


def test_checkpoints_of_the_former_format_are_read_as_they_were_written() -> None:
    assert OLD.former is not None
    assert (OLD.size, OLD.position, OLD.former.size) == (46, 46, 39)
    assert all(each.is_signed_by(VERIFIER) for each in (OLD, NEW))
    assert Checkpoint.of_note(NEW.note).text() == NEW.note.partition("\n\n")[0] + "\n"


def test_an_upgraded_ledger_extends_its_checkpoints_also_when_it_has_gone_on(
    upgraded: Ledger
) -> None:
    with upgraded as ledger:
        assert not ledger.read_only
        found = verify(ReadModels(ledger))
        assert (found.exit_status, found.checkpoints) == (0, 2), found.findings
        assert statuses(send(ledger, stocked("PEPPER"))) == ["accepted"] * 2
        found = verify(ReadModels(ledger))
        assert (found.exit_status, found.checkpoints) == (0, 2), found.findings
        assert found.position == NEW.position + 2


def test_what_was_changed_before_the_upgrade_is_found(upgraded: Ledger) -> None:
    with upgraded as ledger:
        intruder = Intruder(ledger.url)
        send(ledger, stocked("PEPPER"))
    [[sequence]] = intruder.ask(
        "SELECT sequence FROM commands WHERE first_position <= 47 AND last_position >= 47"
    )
    intruder.do(f"UPDATE commands SET actor='eve' WHERE sequence={sequence}")
    intruder.reseal()
    with open_ledger(ledger.url, checkpoints=ledger.checkpoint_path, read_only=True) as ledger:
        found = verify(ReadModels(ledger))
        assert found.exit_status == 8 + 16
        assert found.integrity[0].code == "seal_broken"
        assert found.anchored[0].code == "history_changed"
        assert found.anchored[0].details["position"] == OLD.position + 1
    assert "before it was upgraded" in found.integrity[0].message


def test_the_newest_checkpoint_is_compared_with_the_anchored_roots_at_every_start(
    upgraded: Ledger
) -> None:
    with upgraded as ledger:
        assert check_extends(ledger.sealed_log, ledger.checkpoints) is None
        intruder = Intruder(ledger.url)
        [[body]] = intruder.ask("SELECT body FROM commands WHERE status='sealed'")
        changed = bytes(body).replace(NEW.root.hex().encode(), OLD.root.hex().encode())
        intruder.do(("UPDATE commands SET body=? WHERE status='sealed'", [changed]))
        error = check_extends(ledger.sealed_log, ledger.checkpoints)
        assert error is not None
        assert error.code == "history_changed"
        intruder.do(("UPDATE commands SET body=? WHERE status='sealed'", [b"garbage"]))
        error = check_extends(ledger.sealed_log, ledger.checkpoints)
        assert error is not None
        assert error.code == "history_changed"


def test_a_ledger_that_is_shorter_than_a_former_checkpoint_is_cut_short(
    upgraded: Ledger
) -> None:
    with upgraded as ledger:
        intruder = Intruder(ledger.url)
        intruder.do("DELETE FROM commands WHERE last_position >= 48")
        intruder.reseal()
        error = check_extends(ledger.sealed_log, ledger.checkpoints)
        assert error is not None
        assert error.code == "log_cut_short"


@pytest.mark.parametrize("name", ["inclusion", "without_payload", "consistency"])
def test_proofs_of_the_former_format_still_hold(name: str) -> None:
    proof: dict[str, Any] = json.loads((FORMER / f"{name}.proof").read_bytes())
    key = VERIFIER.as_text()
    assert check_proof(proof, VERIFIER) in (OLD, NEW)
    assert script().check(proof, key)
    changed = [
        {**proof, "path": proof["path"][1:]}, {**proof, "format": proof["format"][:-1] + "2"},
    ]
    if "event" in proof:
        changed += [
            {**proof, "event": {**proof["event"], "actor": "eve"}}, {**proof, "note": "paid"},
            {**proof, "payload": "{}"}, {**proof, "payload_sha256": "00" * 32},
            {**proof, "payload_sha256": proof["payload_sha256"] + "00"},
            {**proof, "event": {**proof["event"], "position": True}},
            {**proof, "event": {
                name: proof["event"][name] for name in proof["event"] if name != "actor"}},
        ]
    else:
        changed += [{**proof, "command_path": proof["command_path"][1:]}]
    for each in changed:
        with pytest.raises(Refusal):
            check_proof(each, VERIFIER)
        with pytest.raises((ValueError, KeyError, TypeError)):
            script().check(each, key)


def test_what_is_proven_now_is_proven_against_a_checkpoint_that_is_made_now(
    upgraded: Ledger
) -> None:
    signer = Signer.new("example.org/shop")
    with upgraded as ledger:
        new = signed_checkpoint(signer, ledger.sealed_log.head())
        for position in range(1, NEW.position + 1):
            proof = prove_inclusion(ledger.sealed_log, position, new)
            assert check_proof(proof, signer.verifier) == new
            assert f"position {position}" in script().check(proof, signer.verifier.as_text())
        with pytest.raises(Refusal) as refused:
            prove_inclusion(ledger.sealed_log, 1, NEW)
        assert refused.value.code == "former_checkpoint"
        with pytest.raises(Refusal) as refused:
            prove_consistency(ledger.sealed_log, NEW, new)
        assert refused.value.code == "former_checkpoint"
