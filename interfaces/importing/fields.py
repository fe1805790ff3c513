"""Fields: what a column of a file may be, and the headings that say so by themselves."""

import re
from typing import Literal, NamedTuple

FieldKind = Literal["text", "number"]

_BETWEEN_WORDS = re.compile(r"[\W_]+")


class Field(NamedTuple):
    """One thing that an import reads of a row.

    ``columns`` are the headings of columns that are this field by themselves, the best first.
    """

    name: str
    about: str
    columns: tuple[str, ...] = ()
    kind: FieldKind = "text"


def comparable(heading: str) -> str:
    r"""Return a heading without what does not matter: case, punctuation, how words are separated.

    >>> comparable("\ufeffIn stock?"), comparable("source_code"), comparable("On hand (new)")
    ('in stock', 'source code', 'on hand new')
    """
    return _BETWEEN_WORDS.sub(" ", heading.casefold()).strip()


def joined(heading: str) -> str:
    """Return a heading without what separates its words: programs write them without spaces.

    >>> joined("PurchaseOrder") == joined("purchase_order") == joined("Purchase order")
    True
    """
    return comparable(heading).replace(" ", "")
