"""Check a proof of stocktrail with nothing but Python: ``python verify_proof.py PROOF PUBLIC-KEY``.

The proof is a file that ``stocktrail prove`` or ``stocktrail consistency`` wrote; the key is the
text, or the file that holds it. It says what holds and ends with 0, or says what does not and ends
with 1. It shares no code with stocktrail: whoever trusts neither can read it in ten minutes.
"""

import json
import sys
from base64 import b64decode, b64encode
from hashlib import sha256, sha512
from pathlib import Path
from struct import error as struct_error
from struct import pack
from typing import Any, NamedTuple

# ---------------------------------------------------------------------- Ed25519 (RFC 8032, 5.1)

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
Point = tuple[int, int, int, int]


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


def _point(written: bytes) -> Point:
    y = int.from_bytes(written, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if y >= _P or (x * x - square) % _P or (x == 0 and sign):
        raise ValueError("that is no point of the curve")
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))


def is_signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Return whether a signature of 64 bytes is the one of a public key under a text."""
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        key, random = _point(public), _point(signature[:32])
    except ValueError:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= _ORDER:
        return False
    hashed = int.from_bytes(sha512(signature[:32] + public + text).digest(), "little") % _ORDER
    one, other = _times(scalar, _BASE), _add(random, _times(hashed, key))
    return not (
        (one[0] * other[2] - other[0] * one[2]) % _P or (one[1] * other[2] - other[1] * one[2]) % _P
    )


# ---------------------------------------------------------------------- signed notes


class SignedCheckpoint(NamedTuple):
    """What was signed: the size and the root of the tree over the rows, and how many events."""

    size: int
    root: bytes
    events: int
    outcomes: tuple[int, bytes] | None
    """Only of the former format: size and root of the tree over outcomes, beside that of events."""


def checkpoint_of(note: str, key: str) -> SignedCheckpoint:
    """Read a checkpoint. ``ValueError``: it is malformed, or not signed with the key."""
    name, key_id, written = key.strip().split("+", 2)
    public = b64decode(written)[1:]
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    signatures = {}
    for line in lines.splitlines():
        dash, signer, encoded = line.split(" ")
        raw = b64decode(encoded, validate=True)
        if dash != "\N{EM DASH}" or len(raw) < 5:
            raise ValueError("a signature line is not one")
        signatures[signer, raw[:4].hex()] = raw[4:]
    if not is_signed(public, text.encode(), signatures.get((name, key_id), b"")):
        raise ValueError(f"the checkpoint is not signed by {name}")
    origin, size, root, last = text.splitlines()
    word, number, *rest = last.split(" ")
    if word == "events":
        found = SignedCheckpoint(int(size), b64decode(root), int(number), None)
        last = f"events {found.events}"
    else:
        [other] = rest
        found = SignedCheckpoint(
            int(size), b64decode(root), int(size), (int(number), b64decode(other))
        )
        last = f"commands {int(number)} {b64encode(b64decode(other)).decode()}"
    if text != f"{origin}\n{found.size}\n{b64encode(found.root).decode()}\n{last}\n":
        raise ValueError("the checkpoint is not written as one")
    return found


# ---------------------------------------------------------------------- the hash tree (RFC 6962)


def node(left: bytes, right: bytes) -> bytes:
    """Hash two trees together."""
    return sha256(b"\1" + left + right).digest()


def text_of(value: str | None) -> bytes:
    """Write a text with its length before it; what is absent has the length FFFFFFFF."""
    return b"\xff" * 4 if value is None else pack(">I", len(value.encode())) + value.encode()


_NUMBERS = ("sequence", "first_position", "last_position", "occurred_at", "recorded_at")
_TEXTS = ("command_id", "status", "correlation_id", "causation_id", "actor", "credential")
_COLUMNS = {*_NUMBERS, *_TEXTS, "fingerprint", "group_sequence"}
_CONTENTS = ("body", "result", "events")
_KEYS = {"format", "position", "command", "path", "checkpoint"}


def leaf_of(command: dict[str, Any], digests: list[bytes]) -> bytes:
    """Hash a row: numbers, the hashes of body, result and events, then what varies in length."""
    fingerprint, group = bytes.fromhex(command["fingerprint"]), command["group_sequence"]
    return sha256(
        b"\0C2" + pack(">qqqqq", *(command[each] for each in _NUMBERS)) + b"".join(digests)
        + pack(">I", len(fingerprint)) + fingerprint
        + b"".join(text_of(command[each]) for each in _TEXTS)
        + (b"\xff" * 4 if group is None else pack(">Iq", 8, group))
    ).digest()


_FORMER_NUMBERS = ("position", "originator_version", "occurred_at", "recorded_at")
_FORMER_TEXTS = (
    "originator_id", "topic", "command_id", "correlation_id", "causation_id", "actor"
)
_FORMER_KEYS = {"format", "event", "payload_sha256", "path", "checkpoint", "payload"}


def former_leaf_of(event: dict[str, Any], payload_sha256: bytes) -> bytes:
    """Hash an event as the former format had it: numbers, the hash of its payload, then texts."""
    return sha256(
        b"\0E1" + pack(">qqqq", *(event[each] for each in _FORMER_NUMBERS)) + payload_sha256
        + b"".join(text_of(event[each]) for each in _FORMER_TEXTS)
    ).digest()


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Compute the root to which a path leads from a leaf."""
    last = size - 1
    for other in path:
        while not index & 1 and index == last and last:      # a tree that stands alone moves up
            index, last = index >> 1, last >> 1
        leaf = node(other, leaf) if index & 1 else node(leaf, other)
        index, last = index >> 1, last >> 1
    return leaf


def extends(
    old: tuple[int, bytes], new: tuple[int, bytes], path: list[bytes]
) -> bool:
    """Return whether the new root's log begins with the old root's (RFC 9162, 2.1.4.2)."""
    (old_size, old_root), (size, root) = old, new
    if old_size == size or old_size == 0:
        return not path and (old_size == 0 or old_root == root)
    if old_size > size or not path:
        return False
    first, last, left = old_size - 1, size - 1, list(path)
    while first & 1:
        first, last = first >> 1, last >> 1
    earlier = later = left.pop(0) if first else old_root
    for other in left:
        if not last:
            return False
        if first & 1 or first == last:
            earlier, later = node(other, earlier), node(other, later)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            later = node(later, other)
        first, last = first >> 1, last >> 1
    return not last and earlier == old_root and later == root


# ---------------------------------------------------------------------- proofs


def check(proof: dict[str, Any], key: str) -> str:
    """Check a proof and say what holds. Raises ``ValueError``: it does not."""
    checks = {
        "stocktrail-inclusion-v2": check_inclusion,
        "stocktrail-consistency-v2": check_consistency,
        "stocktrail-inclusion-v1": check_former_inclusion,
        "stocktrail-consistency-v1": check_former_consistency,
    }
    if proof["format"] not in checks:
        raise ValueError(f"{proof['format']!r} is no format of a proof")
    return checks[proof["format"]](proof, key)


def check_inclusion(proof: dict[str, Any], key: str) -> str:
    """Check that an event stands in the row of its command, and the row in the log."""
    signed = checkpoint_of(proof["checkpoint"], key)
    command, position = proof["command"], proof["position"]
    shown = {each if each in proof else f"{each}_sha256" for each in _CONTENTS}
    refuse_unproven({*command} - _COLUMNS | {*proof} - _KEYS - shown)
    digests = [
        sha256(proof[each].encode()).digest() if each in proof
        else hash_of(proof[f"{each}_sha256"]) for each in _CONTENTS
    ]
    row, path = command["sequence"], hashes(proof["path"])
    if signed.outcomes or not 0 < row <= signed.size or root_of(
        leaf_of(command, digests), row - 1, signed.size, path
    ) != signed.root:
        raise ValueError(f"the command is not the one in row {row} of that log")
    first, last = command["first_position"], command["last_position"]
    events = json.loads(proof["events"]) if "events" in proof else None
    place = position - first
    if type(position) is not int or not 0 <= place < (
        last - first + 1 if events is None else len(events)
    ):
        raise ValueError(f"no event of row {row} stands at position {position}")
    if events is None:
        named = "" if command["command_id"] is None else f" of command {command['command_id']}"
        return f"an event{named} stands at position {position}"
    return f"{events[place]['type']} of {events[place]['stream']} stands at position {position}"


def check_consistency(proof: dict[str, Any], key: str) -> str:
    """Check that the log of a later checkpoint begins with that of an earlier one."""
    old, new = checkpoint_of(proof["old"], key), checkpoint_of(proof["new"], key)
    if old.outcomes or new.outcomes or not extends(old[:2], new[:2], hashes(proof["path"])):
        raise ValueError("the later log does not begin with the earlier one")
    return f"the log of {new.events} events begins with that of {old.events}"


def check_former_inclusion(proof: dict[str, Any], key: str) -> str:
    """Check that an event is a leaf of the log, as the former format had it."""
    signed = checkpoint_of(proof["checkpoint"], key)
    event, digest = proof["event"], hash_of(proof["payload_sha256"])
    refuse_unproven({*event} - {*_FORMER_NUMBERS, *_FORMER_TEXTS} | {*proof} - _FORMER_KEYS)
    if "payload" in proof and sha256(proof["payload"].encode()).digest() != digest:
        raise ValueError("the payload is not the one whose hash is proven")
    position, path = event["position"], hashes(proof["path"])
    is_in_it = type(position) is int and 0 < position <= signed.size
    if not signed.outcomes or not is_in_it or root_of(
        former_leaf_of(event, digest), position - 1, signed.size, path
    ) != signed.root:
        raise ValueError(f"the event is not the one at position {position} of that log")
    return f"{event['topic']} of {event['originator_id']} stands at position {position}"


def check_former_consistency(proof: dict[str, Any], key: str) -> str:
    """Check both trees of the former format: that over the events, and that over the outcomes."""
    old, new = checkpoint_of(proof["old"], key), checkpoint_of(proof["new"], key)
    if not old.outcomes or not new.outcomes or not (
        extends(old[:2], new[:2], hashes(proof["path"]))
        and extends(old.outcomes, new.outcomes, hashes(proof["command_path"]))
    ):
        raise ValueError("the later log does not begin with the earlier one")
    return f"the log of {new.events} events begins with that of {old.events}"


def hashes(path: list[str]) -> list[bytes]:
    """Read a path."""
    return [hash_of(each) for each in path]


def hash_of(written: str) -> bytes:
    """Read a hash. ``ValueError``: it has not its 32 bytes."""
    found = bytes.fromhex(written)
    if len(found) != 32:
        raise ValueError(f"a hash has 32 bytes, not {len(found)}")
    return found


def refuse_unproven(names: set[str]) -> None:
    """Refuse what stands in a proof without being proven."""
    if names:
        raise ValueError(f"nothing proves {', '.join(sorted(names))}")


def main(arguments: list[str]) -> int:
    """Check the proof in a file."""
    if len(arguments) != 2:
        print("usage: python verify_proof.py PROOF PUBLIC-KEY", file=sys.stderr)
        return 2
    file, key = arguments
    if Path(key).is_file():
        key = Path(key).read_text(encoding="utf-8")
    try:
        print(f"It holds: {check(json.loads(Path(file).read_text(encoding='utf-8')), key)}.")
    except (
        ValueError, KeyError, TypeError, AttributeError, RecursionError, struct_error
    ) as error:
        print(f"It does not hold: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
