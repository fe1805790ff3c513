"""What holds a text, in any case: the same in memory and in every database.

SQLite lowers the letters of ASCII alone, so that of all others in the text the capital is replaced.
"""

from collections.abc import Sequence

from stocktrail.ledger.spelling import composed

_MOST_LETTERS = 30
"""Of how many letters the capital is replaced."""


def as_searched(text: str) -> str:
    r"""Return a text as it is looked for: composed, in small letters, nothing at its ends.

    >>> as_searched(" KO\u0308LN ")
    'köln'
    """
    return composed(text.strip()).lower()


def holds(columns: Sequence[str], text: str) -> tuple[str, dict[str, str]]:
    """Return the condition that one of some columns holds a text, with its parameters.

    The text is one of :func:`as_searched`.

    >>> holds(["name"], "é")[0]
    "(LOWER(REPLACE(name, :capital_0, :small_0)) LIKE :search ESCAPE '!')"
    """
    letters = sorted(
        {letter for letter in text if not letter.isascii() and len(letter.upper()) == 1}
    )[:_MOST_LETTERS]
    parameters = {"search": f"%{literally(text)}%"}
    for number, letter in enumerate(letters):
        parameters |= {f"capital_{number}": letter.upper(), f"small_{number}": letter}
        columns = [
            f"REPLACE({column}, :capital_{number}, :small_{number})" for column in columns
        ]
    conditions = [f"LOWER({column}) LIKE :search ESCAPE '!'" for column in columns]
    return f"({' OR '.join(conditions) or '1 = 0'})", parameters


def literally(text: str) -> str:
    """Write a text so that LIKE finds it and nothing else, with ``!`` to escape by.

    >>> literally("50%!")
    '50!%!!'
    """
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return text
