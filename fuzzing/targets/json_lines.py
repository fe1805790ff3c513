"""JSON Lines: every line is read the same by both readers, however the stream is cut up.

Plain lines are read in a few C calls, others by pydantic. A command must come out the same by both,
a wrong line must get the same errors.
"""

from collections.abc import Iterator
from json import dumps

from fuzzing.oracle import require
from fuzzing.rows import all_rows, everything_of, read_carefully, require_sendable
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.reading import read_json_lines

FIELDS = sorted({field for model in COMMANDS.values() for field in model.model_fields})

WORDS = (
    *(f'"{name}"'.encode() for name in (*sorted(COMMANDS), *FIELDS)),
    b'{"command":"', b'":', b'","', b"[{", b"}]", b"null", b"true", b"NaN", b"1e0", b"-0",
    b"0.0001", b"99999999999.9999", b'"inherit"', b'"off"', b'"2026-03-01"',
    b'"2026-03-01T09:00:00Z"',
    b"\xef\xbb\xbf", b"\\u0041", b"\\ud83d", b"\r\n", b"\x7f", "é".encode(), "e\u0301".encode(),
)


def target(data: bytes) -> None:
    """Read a script in both ways, whole and in pieces as long as its first byte says."""
    size, script = (data[0] % 61 + 1, data[1:]) if data else (1, b"")
    rows = all_rows(read_json_lines, script, len(script) + 1)
    for row in rows:
        require_sendable(row)
    seen = [everything_of(row) for row in rows]
    in_pieces = all_rows(read_json_lines, script, size)
    for way, others in (("with care", read_carefully(script)), ("in pieces", in_pieces)):
        for one, row in zip(seen, others, strict=True):
            require(one == everything_of(row), f"a line is read the same {way}", one, row)


def seeds() -> Iterator[bytes]:
    """Yield the example of every command, each a script of its own."""
    for name, model in COMMANDS.items():
        yield b"\7" + dumps({"command": name, **model.example}).encode() + b"\n"
