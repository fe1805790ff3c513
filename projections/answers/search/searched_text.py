"""The text that is searched for: its words, what they are compared with, and how well they match.

Each word must occur in a number or a name, in any case. The databases know upper and lower case of
ASCII alone, so any other character stands for every character there, and what they find is compared
again here.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from stocktrail.ledger.spelling import composed

MOST_WORDS = 8
"""How many words are compared; what follows them is ignored."""

WHOLE, AT_AN_END, WITHIN = range(3)
"""How well a text matches: it is just that, begins or ends with it, or holds it somewhere."""


class SearchedText:
    """A text as somebody typed it."""

    def __init__(self, text: str) -> None:
        self.text: str = " ".join(composed(text).lower().split())
        self.words: list[str] = self.text.split()[:MOST_WORDS]

    @cached_property
    def is_ascii(self) -> bool:
        """Whether what the database finds is all of it right."""
        return self.text.isascii()

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the conditions compare with."""
        words = {f"word{number}": f"%{_pattern(word)}%" for number, word in enumerate(self.words)}
        whole = _pattern(self.text)
        return {**words, "whole": whole, "begins": f"{whole}%", "ends": f"%{whole}"}

    def condition(self, *columns: str) -> str:
        """Write the condition that each word occurs in one of some columns.

        >>> SearchedText("tea pot").condition("sku")
        "(LOWER(sku) LIKE :word0 ESCAPE '!') AND (LOWER(sku) LIKE :word1 ESCAPE '!')"
        """
        return " AND ".join(
            f"({' OR '.join(_like(column, f'word{number}') for column in columns)})"
            for number in range(len(self.words))
        )

    def rank(self, column: str) -> str:
        """Write the expression for how well a column matches; the best is the least."""
        ends = f"{_like(column, 'begins')} OR {_like(column, 'ends')}"
        return (
            f"CASE WHEN {_like(column, 'whole')} THEN {WHOLE} WHEN {ends} THEN {AT_AN_END} "
            f"ELSE {WITHIN} END"
        )

    def matches(self, *texts: str | None) -> bool:
        """Return whether each word occurs in one of some texts.

        >>> SearchedText("KÄSE 10").matches("SO-1042", "Ottilies Käseladen")
        True
        """
        lower = [composed(text).lower() for text in texts if text is not None]
        return all(any(word in text for text in lower) for word in self.words)

    def is_whole(self, texts: Iterable[str]) -> bool:
        """Return whether the text is all of one of some texts."""
        return any(" ".join(composed(each).lower().split()) == self.text for each in texts)


def _like(column: str, name: str) -> str:
    return f"LOWER({column}) LIKE :{name} ESCAPE '!'"


def _pattern(text: str) -> str:
    """Write a text as LIKE finds it.

    >>> _pattern("50% k\u00e4se")
    '50!% k_se'
    """
    return "".join(
        f"!{each}" if each in "!%_" else each if each.isascii() else "_" for each in text
    )
