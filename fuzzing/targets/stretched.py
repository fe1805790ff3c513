"""Long inputs: a piece that is repeated many thousand times is read in little time and memory.

What takes the square of its length, or more, takes longer than atheris lets an input take; in the
tests it is only read. An input of a hundred bytes becomes one of up to 128 KiB.
"""

from collections.abc import Callable, Iterator

from fuzzing.choices import Choices
from fuzzing.targets import (
    addresses,
    bodies,
    csv_rows,
    cursors,
    database_urls,
    email_addresses,
    import_log,
    json_lines,
    moments,
    notes,
    numbers,
    retry_after,
    server_sent_events,
    webhook_answers,
    webhook_signatures,
    webhook_urls,
)

MOST_BYTES = 120
LONGEST = 1 << 17
READERS: tuple[Callable[[bytes], None], ...] = tuple(each.target for each in (
    addresses, bodies, csv_rows, cursors, database_urls, email_addresses, import_log, json_lines,
    moments, notes, numbers, retry_after, server_sent_events, webhook_answers, webhook_signatures,
    webhook_urls,
))
WORDS = (
    b"[", b'{"a":', b'"lines":[', b'{"sku":"A","quantity":1},', b"\\u0000", b'""', b",", b"\n",
    b"\n\n", b"9", b"-", b"(", b"\xcc\x81", b"%25", b"a=b&", b"id: 1\n", b"0\r\n",
    b"A: b\r\n", b" ", b"\\",
)


def target(data: bytes) -> None:
    """Let the reader that the first byte names read a beginning, a piece many times, and an end."""
    choices = Choices(data)
    read, times = choices.one_of(READERS), 1 << choices.number(16)
    beginning, piece, end = choices.some_bytes(80), choices.some_bytes(40), choices.rest()
    read(beginning + piece * min(times, LONGEST // max(1, len(piece))) + end)


def seeds() -> Iterator[bytes]:
    """Yield pieces that nest, repeat or escape, for every reader."""
    for number in range(len(READERS)):
        for beginning, piece, end in (
            (b"\0\0", b"[", b"]"), (b"\0\0{", b'"a":1,', b'"b":2}'), (b"", b"9", b""),
            (b"", b"\n", b""),
        ):
            lengths = bytes((number, 9, len(beginning))), bytes((len(piece),))
            yield lengths[0] + beginning + lengths[1] + piece + end
