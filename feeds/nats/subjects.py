"""Subjects of messages: what an event is about and its type, as safe tokens."""

import re

PREFIX = "stocktrail"

_UNSAFE = re.compile(rb"[^A-Za-z0-9_-]")


def token(text: str) -> str:
    """Return a text as one token, with reserved and non-ASCII characters escaped.

    Different texts have different tokens.

    >>> token("WIDGET-1"), token("a.b*c >%"), token("é")
    ('WIDGET-1', 'a%2Eb%2Ac%20%3E%25', '%C3%A9')
    """
    return _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], text.encode()).decode()


def subject_of(stream: str, topic: str, prefix: str = PREFIX) -> str:
    """Return the subject of an event: category, key, type and version.

    >>> subject_of("stock/TEA 1.5", "StockReceived.v1")
    'stocktrail.stock.TEA%201%2E5.StockReceived.v1'
    """
    category, _, key = stream.partition("/")
    return f"{prefix}.{token(category)}.{token(key)}.{topic}"
