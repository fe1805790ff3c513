"""Signatures as Shopify and WooCommerce both make them: HMAC-SHA256 of the body, in Base64."""

import hmac
import sys
from base64 import b64encode
from collections.abc import Sequence


def signature(secret: str, body: bytes) -> str:
    """Return the signature of a body, byte for byte as it was sent.

    >>> signature("hush", b'{"id":1}')
    'VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY='
    """
    return b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def is_signed(secrets: Sequence[str], body: bytes, given: str) -> bool:
    """Return whether a body was signed with one of the secrets, two while one is replaced.

    Takes as long for a wrong signature as for a right one.
    """
    shown = given.encode("utf-8", "replace")
    matches = [hmac.compare_digest(signature(each, body).encode(), shown) for each in secrets]
    return any(matches)


if __name__ == "__main__":
    # To try a receiver: python -m examples.storefront.signature SECRET < body.json
    print(signature(sys.argv[1], sys.stdin.buffer.read()))
