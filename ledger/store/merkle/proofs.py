"""Proofs: an event or an older checkpoint, with the hashes that lead from it to a signed root.

A proof is a JSON object with everything that a verifier needs except the public key. It is verified
without the ledger; ``examples/verify_proof.py`` does so with the standard library alone.
"""

from collections.abc import Mapping
from hashlib import sha256
from struct import error as struct_error
from typing import Any

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.heads import COMMANDS, EVENTS
from stocktrail.ledger.store.merkle.leaves import event_leaf_of
from stocktrail.ledger.store.merkle.notes import Verifier
from stocktrail.ledger.store.merkle.reading import SealedLog
from stocktrail.ledger.store.merkle.tree import (
    consistency_path,
    inclusion_path,
    is_consistent,
    root_of_path,
)

INCLUSION, CONSISTENCY = "stocktrail-inclusion-v1", "stocktrail-consistency-v1"

_NAMES = (
    "position", "originator_id", "originator_version", "topic", "state", "occurred_at",
    "recorded_at", "command_id", "correlation_id", "causation_id", "actor",
)

_INCLUSION_NAMES = {"format", "event", "payload_sha256", "path", "checkpoint", "payload"}

Proof = dict[str, Any]


def prove_inclusion(
    log: SealedLog, position: int, checkpoint: Checkpoint, *, with_payload: bool = True
) -> Proof:
    """Return the proof that an event is at its position in the log that a checkpoint covers.

    Without its payload the proof contains only the payload's hash. Raises
    :class:`~stocktrail.ledger.refusal.Refusal`: ``not_covered`` when the event came after the
    checkpoint.
    """
    if not 0 < position <= checkpoint.size:
        raise Refusal(
            "not_covered",
            f"The checkpoint covers positions 1 to {checkpoint.size}, not {position}. Make a new "
            "one with `stocktrail checkpoint`.", position=position,
        )
    [(row, _)] = log.events(position - 1, position, 1)
    payload = row[4]
    event = {
        name: value for name, value in zip(_NAMES, row, strict=True) if name != "state"
    }
    path = inclusion_path(log.node_at(EVENTS), position - 1, checkpoint.size)
    proof: Proof = {
        "format": INCLUSION, "event": event, "payload_sha256": sha256(payload).hexdigest(),
        "path": [each.hex() for each in path], "checkpoint": checkpoint.note,
    }
    if with_payload:
        proof["payload"] = payload.decode()
    return proof


def prove_consistency(log: SealedLog, old: Checkpoint, new: Checkpoint) -> Proof:
    """Return the proof that the log of an old checkpoint is the beginning of that of a new one.

    Raises :class:`Refusal` (``not_covered``) when the old one covers more than the new one.
    """
    if old.size > new.size or old.command_count > new.command_count:
        raise Refusal(
            "not_covered",
            f"The first checkpoint covers {old.size} events, the second only {new.size}. Name the "
            "older one first.",
        )
    return {
        "format": CONSISTENCY, "old": old.note, "new": new.note,
        "path": [
            each.hex() for each in consistency_path(log.node_at(EVENTS), old.size, new.size)
        ],
        "command_path": [
            each.hex() for each in consistency_path(
                log.node_at(COMMANDS), old.command_count, new.command_count
            )
        ],
    }


def check_proof(proof: Mapping[str, Any], verifier: Verifier) -> Checkpoint:
    """Verify a proof without the ledger, and return the checkpoint to which it leads.

    Raises :class:`Refusal`: ``bad_proof`` when it is malformed, ``proof_fails`` when it is wrong.
    """
    try:
        if proof["format"] == INCLUSION:
            return _check_inclusion(proof, verifier)
        if proof["format"] == CONSISTENCY:
            return _check_consistency(proof, verifier)
    except (KeyError, TypeError, ValueError, AttributeError, struct_error) as error:
        raise Refusal("bad_proof", f"That is no proof of stocktrail ({error}).") from None
    raise Refusal("bad_proof", f"{proof['format']!r} is no format of a proof.")


def _check_inclusion(proof: Mapping[str, Any], verifier: Verifier) -> Checkpoint:
    checkpoint = _signed(proof["checkpoint"], verifier)
    event, digest = proof["event"], bytes.fromhex(proof["payload_sha256"])
    if "payload" in proof and sha256(proof["payload"].encode()).digest() != digest:
        raise Refusal("proof_fails", "The payload is not the one whose hash is proven.")
    if unproven := {*event} - {*_NAMES} | {*proof} - _INCLUSION_NAMES:
        raise Refusal("proof_fails", f"Nothing proves {', '.join(sorted(unproven))}.")
    row: Any = tuple(event.get(name) for name in _NAMES)
    leaf = event_leaf_of(row, digest)
    path = [bytes.fromhex(each) for each in proof["path"]]
    position = event["position"]
    if root_of_path(leaf, position - 1, checkpoint.size, path) != checkpoint.root:
        raise Refusal(
            "proof_fails",
            f"The event is not the one at position {position} of the log that was signed.",
        )
    return checkpoint


def _check_consistency(proof: Mapping[str, Any], verifier: Verifier) -> Checkpoint:
    old, new = _signed(proof["old"], verifier), _signed(proof["new"], verifier)
    paths = [[bytes.fromhex(each) for each in proof[name]] for name in ("path", "command_path")]
    if not is_consistent(old.size, old.root, new.size, new.root, paths[0]) or not is_consistent(
        old.command_count, old.command_root, new.command_count, new.command_root, paths[1]
    ):
        raise Refusal(
            "proof_fails", "The later checkpoint is not one of a log that begins with the earlier."
        )
    return new


def _signed(note: str, verifier: Verifier) -> Checkpoint:
    checkpoint = Checkpoint.of_note(note)
    if not checkpoint.is_signed_by(verifier):
        raise Refusal("proof_fails", f"The checkpoint is not signed by {verifier.name}.")
    return checkpoint
