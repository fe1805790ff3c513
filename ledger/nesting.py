"""How deeply JSON is nested, counted before anything reads it.

Readers give up at 1,000 levels on Python 3.11, at 1,500 on 3.12, at 10,000 on 3.13 and at none that
matters on 3.14, less what the caller has on its stack; a server of PostgreSQL at what its stack
holds. What is recorded must not depend on that, nor may who reads it be another than who wrote it.
"""

import re

MOST_NESTED = 400
"""Every reader takes so many levels, from wherever it is called."""

_without_strings = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL).sub
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))
_OPENING = frozenset(b"[{")


def is_nested_deeply(text: bytes) -> bool:
    r"""Return whether JSON is nested more deeply than every reader takes.

    >>> is_nested_deeply(b"[" * 400 + b"]" * 400), is_nested_deeply(b"[" * 401 + b"]" * 401)
    (False, True)
    >>> is_nested_deeply(b'["' + b"[" * 500 + b'\\"]"]'), is_nested_deeply(b"[[],{}]" * 500)
    (False, False)
    """
    if text.count(b"[") + text.count(b"{") <= MOST_NESTED:
        return False
    depth = 0
    for bracket in _without_strings(b"", text).translate(None, _OTHERS):
        depth += 1 if bracket in _OPENING else -1
        if depth > MOST_NESTED:
            return True
    return False
