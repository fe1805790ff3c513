"""The glossary names each thing once, in alphabetical order, and documents are in plain English."""

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.house.test_docstrings import TRANSLATED
from tests.house.test_examples import DOCUMENTS
from tests.house.test_links import FENCED

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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_is_written_in_translated_idioms(document: Path) -> None:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    assert TRANSLATED.findall(text) == []
