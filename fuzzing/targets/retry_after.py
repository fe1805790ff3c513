"""``Retry-After``, as receivers of webhooks write it: a pause of at most a day, or nothing."""

from collections.abc import Iterator

from fuzzing.choices import Choices
from fuzzing.oracle import require
from stocktrail.feeds.webhooks.back_off import LONGEST_WAIT_SECONDS, SECOND, retry_after

MOST_BYTES = 160
WORDS = (
    b"Thu, 01 Jan 1970 00:01:00 GMT", b"Jan", b"GMT", b"+9999", b"-0000", b"120", b"99999999999",
    b"31 Dec 9999 23:59:59", b"\xb2", b"(", b")", b":", b",", b"\t", b"24:60:61",
)


def target(data: bytes) -> None:
    """Read a header as it was received, at one of some moments."""
    choices = Choices(data)
    now = choices.number(2**63 - 1)
    pause = retry_after(choices.rest().decode("latin-1"), now)
    require(
        pause is None or (type(pause) is int and 0 <= pause <= LONGEST_WAIT_SECONDS * SECOND),
        "a pause is at most a day", pause,
    )


def seeds() -> Iterator[bytes]:
    """Yield headers in both forms."""
    now = bytes(7) + b"\7"
    for header in (
        b"120", b"0", b" 7\t", b"Thu, 01 Jan 1970 00:01:00 GMT", b"1 Jan 70 0:1", b"-1", b"1e3",
        b"Fri, 31 Dec 9999 23:59:59 +2400", b"9" * 90,
    ):
        yield now + header
