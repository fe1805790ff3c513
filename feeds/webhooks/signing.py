"""Signatures of webhooks, as specified by Standard Webhooks 1.0.

The signed content is the id of the message, the second at which it is sent and its body, separated
by dots; the receiver's secret verifies it. While a secret is being replaced, a message carries a
signature of each.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
_SECRET_BYTES = 32

TOLERANCE_SECONDS = 300
"""How far the timestamp of a message may be from now before it is rejected as a replay."""


def new_secret() -> str:
    """Return a new secret, as receivers enter it."""
    return PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one message by one secret.

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
    """Return the three headers of a message, signed with every valid secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(secret, message_id, timestamp, body) for secret in signing
        ),
    }


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Return, as a receiver would, whether a message was signed with a secret recently.

    ``headers`` are by name in lower case; ``now`` is in seconds since 1970.
    """
    try:
        timestamp = int(headers["webhook-timestamp"])
        message_id, given = headers["webhook-id"], headers["webhook-signature"]
    except (KeyError, ValueError):
        return False
    if abs(now - timestamp) > TOLERANCE_SECONDS:
        return False
    expected = signature(secret, message_id, timestamp, body).encode()
    return any(
        hmac.compare_digest(expected, each.encode("utf-8", "replace")) for each in given.split(" ")
    )
