"""Proofs: an event or an older checkpoint, with the hashes that lead from it to a signed root.

A proof is a JSON object with everything that a verifier needs except the public key. It is verified
without the ledger; ``examples/verify_proof.py`` does so with the standard library alone.

An event is proven by the row of its command, which is one leaf: the proof shows what was asked,
what became of it and the other events that it led to. Without payloads it holds only the digests of
these three, and proves whose events stand at which positions, and when, but not what they say.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from struct import error as struct_error
from typing import Any

from msgspec import MsgspecError

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.command_row import CommandRow, read_entries, stored_rows
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.former_proofs import (
    FORMER_CONSISTENCY,
    FORMER_INCLUSION,
    check_former_consistency,
    check_former_inclusion,
)
from stocktrail.ledger.store.merkle.leaves import leaf_of_digests
from stocktrail.ledger.store.merkle.notes import Verifier
from stocktrail.ledger.store.merkle.reading import SealedLog
from stocktrail.ledger.store.merkle.tree import (
    consistency_path,
    inclusion_path,
    is_consistent,
    read_hash,
    root_of_path,
)

INCLUSION, CONSISTENCY = "stocktrail-inclusion-v2", "stocktrail-consistency-v2"

_CONTENTS = ("body", "result", "events")
"""The columns of a row that stand in a proof as texts, or as their digests."""
_COLUMNS = tuple(each for each in CommandRow._fields if each not in _CONTENTS)
_DIGEST = "_sha256"
_NAMES = {"format", "position", "command", "path", "checkpoint"}

_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, struct_error, MsgspecError)

Proof = dict[str, Any]


def prove_inclusion(
    log: SealedLog, position: int, checkpoint: Checkpoint, *, with_payload: bool = True
) -> Proof:
    """Return the proof that an event is at its position in the log that a checkpoint covers.

    Raises :class:`~stocktrail.ledger.refusal.Refusal`: ``not_covered`` when the event came after
    the checkpoint, ``former_checkpoint`` when that was made before the ledger was upgraded.
    """
    _refuse_former(checkpoint)
    if not 0 < position <= checkpoint.position:
        raise Refusal(
            "not_covered",
            f"The checkpoint covers positions 1 to {checkpoint.position}, not {position}. Make a "
            "new one with `stocktrail checkpoint`.", position=position,
        )
    row = log.row_at(position)
    command = {name: getattr(row, name) for name in _COLUMNS}
    contents = {name: getattr(row, name) for name in _CONTENTS}
    path = inclusion_path(log.node_at(), row.sequence - 1, checkpoint.size)
    return {
        "format": INCLUSION, "position": position,
        "command": {**command, "fingerprint": row.fingerprint.hex()},
        **(
            {name: written.decode() for name, written in contents.items()} if with_payload
            else {name + _DIGEST: sha256(each).hexdigest() for name, each in contents.items()}
        ),
        "path": [each.hex() for each in path], "checkpoint": checkpoint.note,
    }


def prove_consistency(log: SealedLog, old: Checkpoint, new: Checkpoint) -> Proof:
    """Return the proof that the log of an old checkpoint is the beginning of that of a new one.

    Raises :class:`Refusal`: ``not_covered`` when the old one covers more than the new one,
    ``former_checkpoint`` when one of them was made before the ledger was upgraded.
    """
    for each in (old, new):
        _refuse_former(each)
    if old.size > new.size:
        raise Refusal(
            "not_covered",
            f"The first checkpoint covers {old.position} events, the second only {new.position}. "
            "Name the older one first.",
        )
    path = consistency_path(log.node_at(), old.size, new.size)
    return {
        "format": CONSISTENCY, "old": old.note, "new": new.note,
        "path": [each.hex() for each in path],
    }


def _refuse_former(checkpoint: Checkpoint) -> None:
    if checkpoint.former is not None:
        raise Refusal(
            "former_checkpoint",
            f"The checkpoint of {checkpoint.position} events was signed before the ledger was "
            "upgraded, of trees that are not kept any more. `stocktrail verify` shows that the log "
            "extends it; make a new one with `stocktrail checkpoint` to prove something against.",
        )


def check_proof(proof: Mapping[str, Any], verifier: Verifier) -> Checkpoint:
    """Verify a proof without the ledger, and return the checkpoint to which it leads.

    Proofs of the former format are verified as well. Raises :class:`Refusal`: ``bad_proof`` when it
    is malformed, ``proof_fails`` when it is wrong.
    """
    checks = {
        INCLUSION: _check_inclusion, CONSISTENCY: _check_consistency,
        FORMER_INCLUSION: check_former_inclusion, FORMER_CONSISTENCY: check_former_consistency,
    }
    try:
        check = checks.get(proof["format"])
        if check is not None:
            return check(proof, lambda note: _signed(note, verifier))
    except _MALFORMED as error:
        raise Refusal("bad_proof", f"That is no proof of stocktrail ({error}).") from None
    raise Refusal("bad_proof", f"{proof['format']!r} is no format of a proof.")


def proven_event(proof: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the event in a proof that was checked, or ``None`` if it shows none.

    Without payloads only its position and what belongs to its whole command are known.
    """
    if proof["format"] == FORMER_INCLUSION:
        return dict(proof["event"])
    if proof["format"] != INCLUSION:
        return None
    position, row = proof["position"], _row_of(proof)
    found = {
        "position": position, "command_id": row.command_id, "correlation_id": row.correlation_id,
        "causation_id": row.causation_id, "actor": row.actor,
    }
    if "events" not in proof:
        return found
    [event] = [each for each in stored_rows(row) if each.id == position]
    return found | {
        "originator_id": event.originator_id, "originator_version": event.originator_version,
        "topic": event.topic, "occurred_at": event.occurred_at, "recorded_at": event.recorded_at,
        "command_id": event.command_id,
    }


def _row_of(proof: Mapping[str, Any]) -> CommandRow:
    """Return the row in a proof; what only has a digest is empty."""
    command = proof["command"]
    texts = {name: proof.get(name, "").encode() for name in _CONTENTS}
    if unproven := {*command} - {*_COLUMNS}:
        raise Refusal("proof_fails", f"Nothing proves {', '.join(sorted(unproven))}.")
    if missing := {*_COLUMNS} - {*command}:
        raise KeyError(min(missing))
    fingerprint = bytes.fromhex(command["fingerprint"])
    return CommandRow(**{**command, **texts, "fingerprint": fingerprint})


def _check_inclusion(
    proof: Mapping[str, Any], signed: Callable[[str], Checkpoint]
) -> Checkpoint:
    checkpoint = signed(proof["checkpoint"])
    row, position = _row_of(proof), proof["position"]
    names, digests = {*_NAMES}, []
    for name in _CONTENTS:
        known = name if name in proof else name + _DIGEST
        names.add(known)
        digests.append(
            sha256(proof[name].encode()).digest() if known == name
            else read_hash(proof[known])
        )
    if unproven := {*proof} - names:
        raise Refusal("proof_fails", f"Nothing proves {', '.join(sorted(unproven))}.")
    leaf = leaf_of_digests(row, *digests)
    path = [read_hash(each) for each in proof["path"]]
    if checkpoint.former is not None or root_of_path(
        leaf, row.sequence - 1, checkpoint.size, path
    ) != checkpoint.root:
        raise Refusal(
            "proof_fails",
            f"The command is not the one in row {row.sequence} of the log that was signed.",
        )
    held = (
        len(read_entries(row.events)) if "events" in proof
        else row.last_position - row.first_position + 1
    )
    if type(position) is not int or not 0 <= position - row.first_position < held:
        raise Refusal(
            "proof_fails", f"No event of row {row.sequence} stands at position {position!r}."
        )
    return checkpoint


def _check_consistency(
    proof: Mapping[str, Any], signed: Callable[[str], Checkpoint]
) -> Checkpoint:
    old, new = signed(proof["old"]), signed(proof["new"])
    path = [read_hash(each) for each in proof["path"]]
    if (
        old.former is not None or new.former is not None or old.position > new.position
        or not is_consistent(old.size, old.root, new.size, new.root, path)
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
