"""Proofs: the program and ``examples/verify_proof.py`` agree on what holds.

The two share no code. What one of them takes and the other refuses proves something to one reader
and nothing to another.
"""

import json
from collections.abc import Iterator
from struct import error as struct_error

from fuzzing.choices import Choices
from fuzzing.oracle import outcome_of, require
from fuzzing.sealed_proofs import (
    SIGNER,
    edited_proof,
    former_checkpoint,
    former_proof,
    odd_note,
    script,
    shop_proofs,
    signed_proof,
)
from stocktrail.ledger.store.merkle.proofs import check_proof, proven_event

MOST_BYTES = 3000
WORDS = (
    b'"format": "', b'"position": ', b'"command": {', b'"path": [', b'"checkpoint": "', b"_sha256",
    b'"stocktrail-inclusion-v1"', b'"stocktrail-consistency-v1"', b'"events": "[]"',
    b"null", b"true",
)

_REFUSES = (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct_error)
"""What the script's own ``main`` takes for a proof that does not hold."""


def target(data: bytes) -> None:
    """Check a proof in both ways: as it is written, edited, or odd in one of several ways."""
    choices = Choices(data)
    kind = choices.number(4)
    if kind == 0:
        try:
            proof = json.loads(choices.rest())
        except (ValueError, RecursionError):
            return
        if not isinstance(proof, dict):
            return
    elif kind == 1:
        proof = edited_proof(choices)
    elif kind == 2:
        proof = signed_proof(choices)
    elif kind == 3:
        proof = former_proof(choices)
    else:
        note = odd_note(choices)
        proof = {"format": "stocktrail-consistency-v2", "old": note, "new": note, "path": []}
    ours, shown = outcome_of(lambda: check_proof(proof, SIGNER.verifier))
    theirs, said = outcome_of(
        lambda: script().check(proof, SIGNER.verifier.as_text()), *_REFUSES
    )
    require(ours == theirs, "both verifiers agree", proof, ours, shown, theirs, said)
    if ours == "result":
        event = proven_event(proof)
        require(
            event is None or type(event["position"]) is int, "an event has its position", event
        )


def seeds() -> Iterator[bytes]:
    """Yield proofs of the shop, and decisions how to change them."""
    for number, proof in enumerate(shop_proofs()):
        yield b"\0" + proof.encode()
        yield bytes((1, number, 0, 1, number, 0, number))
        yield bytes((2, number, number, 0, 3, number))
    note = former_checkpoint().note
    yield b"\0" + json.dumps({
        "format": "stocktrail-consistency-v1", "old": note, "new": note, "path": [],
        "command_path": [],
    }).encode()
    yield b"\3" + bytes(4)
    yield b"\4" + bytes(12)
    yield b"\4" + bytes(4) + b"\1\1\1"
