"""Spelling: one text can be written in several ways in Unicode, and is one id all the same.

Ids are compared in the composed form (NFC) and kept so. A ledger of an earlier version may hold
some in the decomposed form (NFD), in which several systems write file names.

Rule 4.2 is the source.
"""

import re
from collections.abc import Callable
from unicodedata import normalize

_SPACES = (
    r"\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
)
_INVISIBLE = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f"
)

ID_PATTERN = f"^[^{_SPACES}{_INVISIBLE}]([^{_INVISIBLE}]*[^{_SPACES}{_INVISIBLE}])?$"
"""What an id looks like: no white space at an end, no control or invisible characters (Cc, Cf).

The characters are named one by one, so that every version of Python takes the same.
"""

VENDOR_PATTERN = ID_PATTERN.replace(r"\u007f-\u009f", r"\u007f")
"""What the name of a vendor looks like: an id that may hold U+0080 to U+009F.

Purchasing systems that once read UTF-8 as Latin-1 name vendors so, as Northwind's do.
"""

MAX_ID = 128
"""Characters that an id may have, in composed form."""

MAX_WRITTEN = 4 * MAX_ID
"""Characters that such an id may have as it is written: decomposed, one becomes at most four."""


_UNSEEN = re.compile(f"[{_INVISIBLE}]")


def tidied(text: str) -> str:
    r"""Return an id as it would have to be written, of one that an earlier version took.

    >>> tidied(" A\u200b-1 ")
    'A-1'
    """
    return composed(_UNSEEN.sub("", text).strip())


def composed(text: str) -> str:
    r"""Return a text in Unicode's composed form (NFC).

    >>> composed("cafe\u0301") == "caf\u00e9"
    True
    """
    return text if text.isascii() else normalize("NFC", text)


def spellings(text: str) -> tuple[str, ...]:
    r"""Return the ways in which a text may be kept: as it is written, composed, decomposed.

    >>> spellings("A-1"), len(spellings("cafe\u0301"))
    (('A-1',), 2)
    """
    if text.isascii():
        return (text,)
    return tuple(dict.fromkeys((text, normalize("NFC", text), normalize("NFD", text))))


def known_spelling(text: str, is_known: Callable[[str], bool]) -> str:
    r"""Return an id in the spelling in which it is known, composed when it is known in none.

    As it is written goes first: a ledger of an earlier version may know one text in two spellings.

    >>> known_spelling("caf\u00e9", {"cafe\u0301"}.__contains__) == "cafe\u0301"
    True
    """
    if text.isascii():
        return text
    return next(filter(is_known, spellings(text)), composed(text))
