"""The glossary names each thing once, in alphabetical order."""

import re

from tests.house.sources import ROOT

WORDS = ROOT / "docs" / "words.md"


def listed(text: str) -> list[str]:
    """Return the words of a table, which are its first column."""
    rows = re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE)
    return [row for row in rows if row != "Word"]


def test_each_thing_has_one_name_and_each_list_is_in_order() -> None:
    text = WORDS.read_text(encoding="utf-8")
    assert sorted(set(listed(text))) == sorted(listed(text))
    trade, machinery = (listed(part) for part in text.split("\n## ")[1:])
    assert trade == sorted(trade, key=str.lower)
    assert machinery == sorted(machinery, key=str.lower)
