"""Proofs of a small shop, and odd ones that are signed all the same."""

import importlib.util
import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from struct import error as struct_error
from typing import Any

from fuzzing.choices import Choices
from fuzzing.sealed_rows import shop_export, shop_rows
from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint, FormerOutcomes
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.notes import Signer
from stocktrail.ledger.store.merkle.proofs import prove_consistency, prove_inclusion
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.portable.importing import import_log

SIGNER = Signer("example.org/shop", b"\7" * 32)

_SCRIPT = Path(__file__).parents[1] / "examples" / "verify_proof.py"

_CONTENTS = ("body", "result", "events")
_ODD: Sequence[Any] = (
    None, True, False, 0, 1, 2, 3, -1, 1.0, 1.5, 2**63, "", "1", "A", "é", "00", "0" * 64, "f" * 64,
    "F" * 64, "0 0", [], {}, [1], "\u2028", "ann", 10**30, "[]", "[{}]", "{}", "[1]",
    '[{"stream":"stock/A","version":1,"type":"StockReceived.v1"}]',
)
_LINES = (
    "example.org/shop", "1", "01", "+1", "1_0", "\u0661", "MQ==", "MR==", "MQ", "events 1",
    "events 1 2", "commands 1 MQ==", "commands 1", "", " ", "a\u2028b", "é",
)


@cache
def script() -> Any:
    """Return ``examples/verify_proof.py``, which checks each signature once.

    In pure Python that takes some milliseconds.
    """
    spec = importlib.util.spec_from_file_location("verify_proof", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.is_signed = cache(module.is_signed)
    return module


def _checkpoint(size: int) -> Checkpoint:
    rows = shop_rows()[:size]
    tree, _ = CompactRange().extend(command_leaves(rows))
    return _signed(Checkpoint(SIGNER.name, size, tree.root, rows[-1].last_position))


def _signed(checkpoint: Checkpoint) -> Checkpoint:
    return checkpoint._replace(note=SIGNER.sign(checkpoint.text()))


@cache
def shop_proofs() -> tuple[str, ...]:
    """Return proofs as JSON: of every event, with and without payload, and of consistency."""
    end = _checkpoint(len(shop_rows()))
    with open_in_memory() as ledger:
        import_log(ledger, BytesIO(shop_export()))
        proofs = [
            prove_inclusion(ledger.sealed_log, position, end, with_payload=position % 2 == 0)
            for position in range(1, end.position + 1)
        ]
        proofs.append(prove_consistency(ledger.sealed_log, _checkpoint(3), end))
    return tuple(map(json.dumps, proofs))


def edited_proof(choices: Choices) -> dict[str, Any]:
    """Return a proof of the shop in which some values are odd."""
    proof: dict[str, Any] = json.loads(choices.one_of(shop_proofs()))
    for _ in range(choices.number(2) + 1):
        place = proof["command"] if "command" in proof and choices.number(1) else proof
        if not isinstance(place, dict):
            break
        name = choices.one_of([*place, "note"])
        value, change = place.get(name), choices.number(5)
        if change == 3:
            place.pop(name, None)
        elif change == 4 and isinstance(value, str):
            place[name] = choices.one_of((value.upper(), value + "00", value[:-2], f" {value}"))
        elif change == 5 and isinstance(value, list):
            place[name] = choices.one_of((value[::-1], value[1:], [*value, "00" * 32], value * 2))
        else:
            place[name] = choices.one_of(_ODD)
    return proof


def signed_proof(choices: Choices) -> dict[str, Any]:
    """Return the proof of an odd row, which is the only one of a log that is signed."""
    row = shop_rows()[0]
    command = {
        name: value for name, value in row._asdict().items() if name not in _CONTENTS
    } | {"fingerprint": row.fingerprint.hex()}
    proof: dict[str, Any] = {"format": "stocktrail-inclusion-v2", "position": 1, "path": []}
    digests = []
    for name in _CONTENTS:
        content = getattr(row, name).decode()
        odd = choices.one_of(_ODD) if choices.number(3) == 3 else content
        content = odd if isinstance(odd, str) else content
        digests.append(sha256(content.encode()).digest())
        if choices.number(1):
            proof[f"{name}_sha256"] = digests[-1].hex()
        else:
            proof[name] = content
    for _ in range(choices.number(3)):
        command[choices.one_of([*command])] = choices.one_of(_ODD)
    if choices.number(1):
        proof["position"] = choices.one_of(_ODD)
    try:
        root = script().leaf_of(command, digests)
    except (TypeError, ValueError, AttributeError, struct_error):
        root = bytes(32)
    checkpoint = _signed(Checkpoint(SIGNER.name, 1, root, 1))
    return {**proof, "command": command, "checkpoint": checkpoint.note}


def former_proof(choices: Choices) -> dict[str, Any]:
    """Return the proof of an odd event, the only one of a log of the former format."""
    row, payload = shop_rows()[0], choices.one_of(("{}", "", "é"))
    event = {
        "position": 1, "originator_id": "stock/A", "originator_version": 1, "topic": "Made.v1",
        "occurred_at": row.occurred_at, "recorded_at": row.recorded_at, "command_id": "c-1",
        "correlation_id": None, "causation_id": None, "actor": "ann",
    }
    for _ in range(choices.number(3)):
        event[choices.one_of([*event])] = choices.one_of(_ODD)
    digest = sha256(payload.encode()).digest()[: choices.one_of((32, 31, 0))]
    try:
        root = script().former_leaf_of(event, digest)
    except (TypeError, ValueError, AttributeError, struct_error):
        root = bytes(32)
    checkpoint = _signed(
        Checkpoint(SIGNER.name, 1, root, 1, former=FormerOutcomes(1, b"\6" * 32))
    )
    proof = {
        "format": "stocktrail-inclusion-v1", "event": event, "path": [],
        "payload_sha256": digest.hex(), "checkpoint": checkpoint.note,
    }
    return {**proof, "payload": payload} if choices.number(1) else proof


def odd_note(choices: Choices) -> str:
    """Return a note with odd lines and odd signatures, of which one may be right."""
    lines = [
        choices.one_of(_LINES) if choices.number(7) == 7 else line
        for line in _checkpoint(len(shop_rows())).text().splitlines()
    ]
    text, _, signature = SIGNER.sign("\n".join(lines) + "\n").rpartition("\n\n")
    false = f"\N{EM DASH} {SIGNER.name} {b64encode(SIGNER.verifier.key_id + bytes(64)).decode()}\n"
    odd = ("", signature, false, signature.replace("\N{EM DASH}", "-"), signature.strip("\n="),
           signature[:-1] + "\r\n", signature.replace("\N{EM DASH} ", "\N{EM DASH}  "), "x\n", "\n")
    signatures = "".join(choices.one_of(odd) for _ in range(choices.number(2))) + (
        signature if choices.number(1) else ""
    )
    return f"{text}\n\n{signatures}"


def former_checkpoint() -> Checkpoint:
    """Return a checkpoint of the former format."""
    return _signed(Checkpoint(SIGNER.name, 2, b"\5" * 32, 2, former=FormerOutcomes(1, b"\6" * 32)))
