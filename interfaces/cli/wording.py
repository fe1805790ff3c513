"""Values as people read them: short, and safe to send to a terminal."""

from typing import Any

_LONGEST = 200

SETTING_LEVELS = {
    "default": "default", "global": "global", "pool": "the pool", "source": "the source",
    "product": "the product", "product_in_pool": "the product in the pool",
    "product_in_source": "the product at the source",
}
"""What people call the levels of settings."""


def flag_named(name: str) -> str:
    """Return the flag of a field.

    >>> flag_named("as_of")
    '--as-of'
    """
    return f"--{name.replace('_', '-')}"


def plain(text: str) -> str:
    r"""Return a text with characters that are not printable as escapes.

    >>> plain("a\nb")
    'a\\nb'
    """
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape", "replace").decode()
        for mark in text
    )


def shortened(value: object) -> str:
    """Return what somebody typed, cut to a length that fits into a sentence."""
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def written(value: Any) -> str:
    r"""Return a value as people read it.

    >>> written(None), written(True), written(1234.5), written("A\x1b[2J")
    ('', 'yes', '1,234.5', 'A\\x1b[2J')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}"
    return plain(shortened(value))


def moment(iso: str | None) -> str | None:
    """Return a moment in ISO 8601 without seconds and zone.

    >>> moment("2026-03-01T09:00:00.000000Z")
    '2026-03-01 09:00'
    """
    return None if iso is None else iso[:16].replace("T", " ")


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number of things in words.

    >>> count(1, "command"), count(2000, "command")
    ('1 command', '2,000 commands')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def count_of(number: int, total: int, one: str, many: str | None = None) -> str:
    """Return how many of things are shown, in words.

    >>> count_of(3, 3, "line"), count_of(1, 2000, "line")
    ('3 lines', '1 of 2,000 lines')
    """
    of = "" if number == total else f"{number:,} of "
    return f"{of}{count(total, one, many)}"


def signed(delta: float) -> str:
    """Write a change with its sign.

    >>> signed(5), signed(-1.5)
    ('+5', '-1.5')
    """
    return f"+{written(delta)}" if delta > 0 else written(delta)
