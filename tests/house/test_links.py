"""What a document links to is there, the file and the heading in it; so are files that it names."""

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT

DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md")),
    *sorted((ROOT / "tests").rglob("*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(
    r"`((?:benchmarks|commands|docs|examples|feeds|fuzzing|interfaces|ledger|projections|"
    r"release|simulation|stocktrail|tests)/[\w./-]*)`"
)
FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def anchor(heading: str) -> str:
    """Return the anchor of a heading.

    >>> anchor("4.14 Dates in the `past`"), anchor("By item")
    ('414-dates-in-the-past', 'by-item')
    """
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    wrong = []
    for target in LINK.findall(FENCED.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (
            heading and path.suffix == ".md" and heading not in anchors(path)
        ):
            wrong.append(target)
    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return                                    # it tells of what was there
    named = NAMED.findall(FENCED.sub("", document.read_text(encoding="utf-8")))
    assert [path for path in named if not (ROOT / path).exists()] == []
