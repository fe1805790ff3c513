"""Signatures of webhooks, as a receiver checks them: genuine or not, whatever the headers hold."""

from base64 import b64encode
from collections.abc import Iterator

from fuzzing.choices import Choices
from fuzzing.oracle import require
from stocktrail.feeds.webhooks.signing import (
    PREFIX,
    TOLERANCE_SECONDS,
    is_genuine,
    signed_headers,
)

MOST_BYTES = 512
WORDS = (b"v1,", b" ", b"v1a,", b"1700000000", b"-0", b"_", b"msg_1", b"\xe9", b"=", b"\xd9\xa1")

NOW = 1_700_000_000
SECRETS = tuple(PREFIX + b64encode(bytes([number]) * 32).decode() for number in range(3))


def target(data: bytes) -> None:
    """Check headers as they came, and a message that was signed and then changed."""
    choices = Choices(data)
    headers = {
        name: choices.some_bytes(120).decode("latin-1")
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        if choices.number(7)
    }
    now, body = NOW + choices.number(2 * TOLERANCE_SECONDS) - TOLERANCE_SECONDS, choices.rest()
    require(not is_genuine(SECRETS[0], headers, body, now), "nothing unsigned is genuine", headers)
    message_id = headers.get("webhook-id", "msg_1")
    signed = signed_headers(SECRETS[:2], message_id, NOW, body)
    for secret in SECRETS[:2]:
        require(is_genuine(secret, signed, body, now), "what was signed is genuine", signed)
    require(not is_genuine(SECRETS[2], signed, body, now), "by its own secrets only", signed)
    require(not is_genuine(SECRETS[0], signed, body + b" ", now), "with its own body only", signed)
    late = NOW + TOLERANCE_SECONDS + 1
    require(not is_genuine(SECRETS[0], signed, body, late), "not for ever", signed)
    changed = {**signed, **headers}
    is_same = all(changed[name] == signed[name] for name in ("webhook-id", "webhook-signature"))
    require(
        is_same or "webhook-signature" not in headers
        or not is_genuine(SECRETS[0], changed, body, now),
        "a changed message is not genuine", changed,
    )


def seeds() -> Iterator[bytes]:
    """Yield headers with signatures that are not ours."""
    yield b"\1\5msg_1\1\x0a1700000000\1\7v1,AAAA\0\0{}"
    yield b"\1\5msg_1\1\x0a1700000000\1\x0fv1,AAAA v1a,\xe9 \0\0{}"
    yield b"\0\0\0" + b"{}"
