"""Check a proof of stocktrail with nothing but Python: ``python verify_proof.py PROOF PUBLIC-KEY``.

The proof is a file that ``stocktrail prove`` or ``stocktrail consistency`` wrote; the key is the
text, or the file that holds it. It says what holds and ends with 0, or says what does not and ends
with 1. It shares no code with stocktrail: whoever trusts neither can read it in ten minutes.
"""

import json
import sys
from base64 import b64decode
from hashlib import sha256, sha512
from pathlib import Path
from struct import error as struct_error
from struct import pack
from typing import Any

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


def checkpoint_of(note: str, key: str) -> tuple[tuple[int, bytes], tuple[int, bytes]]:
    """Read a checkpoint: size and root of events and of commands. ``ValueError``: not signed."""
    name, key_id, written = key.strip().split("+", 2)
    public = b64decode(written)[1:]
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        _, signer, encoded = line.split(" ")
        raw = b64decode(encoded)
        if (signer, raw[:4].hex()) == (name, key_id) and is_signed(public, text.encode(), raw[4:]):
            _, size, root, commands = text.splitlines()
            _, count, command_root = commands.split(" ")
            return (int(size), b64decode(root)), (int(count), b64decode(command_root))
    raise ValueError(f"the checkpoint is not signed by {name}")


# ---------------------------------------------------------------------- the hash tree (RFC 6962)


def node(left: bytes, right: bytes) -> bytes:
    """Hash two trees together."""
    return sha256(b"\1" + left + right).digest()


def text_of(value: str | None) -> bytes:
    """Write a text with its length before it; what is absent has the length FFFFFFFF."""
    return b"\xff" * 4 if value is None else pack(">I", len(value.encode())) + value.encode()


_NUMBERS = ("position", "originator_version", "occurred_at", "recorded_at")
_TEXTS = ("originator_id", "topic", "command_id", "correlation_id", "causation_id", "actor")
_KEYS = {"format", "event", "payload_sha256", "path", "checkpoint", "payload"}


def leaf_of(event: dict[str, Any], payload_sha256: bytes) -> bytes:
    """Hash an event: numbers first, then the hash of its payload, then texts."""
    return sha256(
        b"\0E1" + pack(">qqqq", *(event[each] for each in _NUMBERS)) + payload_sha256
        + b"".join(text_of(event[each]) for each in _TEXTS)
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
    if proof["format"] == "stocktrail-inclusion-v1":
        (size, root), _ = checkpoint_of(proof["checkpoint"], key)
        event, digest = proof["event"], bytes.fromhex(proof["payload_sha256"])
        if unproven := {*event} - {*_NUMBERS, *_TEXTS} | {*proof} - _KEYS:
            raise ValueError(f"nothing proves {', '.join(sorted(unproven))}")
        if "payload" in proof and sha256(proof["payload"].encode()).digest() != digest:
            raise ValueError("the payload is not the one whose hash is proven")
        position = event["position"]
        path = [bytes.fromhex(each) for each in proof["path"]]
        if not 0 < position <= size or root_of(
            leaf_of(event, digest), position - 1, size, path
        ) != root:
            raise ValueError(f"the event is not the one at position {position} of that log")
        return f"{event['topic']} of {event['originator_id']} stands at position {position}"
    if proof["format"] == "stocktrail-consistency-v1":
        old, new = checkpoint_of(proof["old"], key), checkpoint_of(proof["new"], key)
        for at, name in enumerate(("path", "command_path")):
            if not extends(old[at], new[at], [bytes.fromhex(each) for each in proof[name]]):
                raise ValueError("the later log does not begin with the earlier one")
        return f"the log of {new[0][0]} events begins with that of {old[0][0]}"
    raise ValueError(f"{proof['format']!r} is no format of a proof")


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
