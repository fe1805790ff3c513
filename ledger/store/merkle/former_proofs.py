"""Proofs of the former format, of which files may be kept: an event was a leaf of its own."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.former_leaves import former_event_leaf
from stocktrail.ledger.store.merkle.tree import is_consistent, read_hash, root_of_path

FORMER_INCLUSION, FORMER_CONSISTENCY = "stocktrail-inclusion-v1", "stocktrail-consistency-v1"

_NAMES = (
    "position", "originator_id", "originator_version", "topic", "occurred_at", "recorded_at",
    "command_id", "correlation_id", "causation_id", "actor",
)
_INCLUSION_NAMES = {"format", "event", "payload_sha256", "path", "checkpoint", "payload"}


def check_former_inclusion(
    proof: Mapping[str, Any], signed: Callable[[str], Checkpoint]
) -> Checkpoint:
    """Verify that an event is in the log of the former checkpoint that a proof leads to.

    ``signed`` reads a signed note, or refuses it.
    """
    checkpoint = signed(proof["checkpoint"])
    event, digest = proof["event"], read_hash(proof["payload_sha256"])
    if "payload" in proof and sha256(proof["payload"].encode()).digest() != digest:
        raise Refusal("proof_fails", "The payload is not the one whose hash is proven.")
    if unproven := {*event} - {*_NAMES} | {*proof} - _INCLUSION_NAMES:
        raise Refusal("proof_fails", f"Nothing proves {', '.join(sorted(unproven))}.")
    row: Any = tuple(event[name] for name in _NAMES)
    leaf = former_event_leaf(row, digest)
    path = [read_hash(each) for each in proof["path"]]
    position = event["position"]
    if checkpoint.former is None or type(position) is not int or root_of_path(
        leaf, position - 1, checkpoint.size, path
    ) != checkpoint.root:
        raise Refusal(
            "proof_fails",
            f"The event is not the one at position {position} of the log that was signed.",
        )
    return checkpoint


def check_former_consistency(
    proof: Mapping[str, Any], signed: Callable[[str], Checkpoint]
) -> Checkpoint:
    """Verify that the later of two former checkpoints is of a log that begins with the earlier."""
    old, new = signed(proof["old"]), signed(proof["new"])
    paths = [[read_hash(each) for each in proof[name]] for name in ("path", "command_path")]
    if old.former is None or new.former is None or not (
        is_consistent(old.size, old.root, new.size, new.root, paths[0])
        and is_consistent(*old.former, *new.former, paths[1])
    ):
        raise Refusal(
            "proof_fails", "The later checkpoint is not one of a log that begins with the earlier."
        )
    return new
