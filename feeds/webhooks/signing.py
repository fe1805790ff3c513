"""Signatures of webhooks, as Standard Webhooks 1.0 writes them.

What is signed is the id of the message, the second at which it is sent and its body, with points in
between; whoever has the secret can tell that nobody else sent it. While a secret is being replaced,
a message carries a signature by each.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
_SECRET_BYTES = 32

TOLERANCE_SECONDS = 300
"""How far the second of a message may be from now, before it is taken for a repetition."""


def new_secret() -> str:
    """Make a secret, as receivers enter it."""
    return PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign one message with one secret.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...           1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(b64decode(secret.removeprefix(PREFIX)), signed, "sha256")
    return f"v1,{b64encode(digest).decode()}"


def signed_headers(
    signing: Sequence[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the three headers of a message, signed with every secret that still counts."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(secret, message_id, timestamp, body) for secret in signing
        ),
    }


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Return, as a receiver, whether a message was signed with a secret, and lately.

    ``headers`` are by name in lower case; ``now`` is in seconds since 1970.
    """
    try:
        timestamp = int(headers["webhook-timestamp"])
        message_id, given = headers["webhook-id"], headers["webhook-signature"]
    except (KeyError, ValueError):
        return False
    if abs(now - timestamp) > TOLERANCE_SECONDS:
        return False
    expected = signature(secret, message_id, timestamp, body)
    return any(hmac.compare_digest(expected, each) for each in given.split(" "))
