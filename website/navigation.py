"""The navigation of the site, which follows from the index of the documents.

The index says which pages belong together and in which order, by its headings and links. A page
that it does not name yet is found all the same: below the ``README.md`` of its folder, or else in
the last chapter that names a page of its folder.
"""

import re
from collections.abc import Iterable, Sequence
from posixpath import dirname, join, normpath
from typing import NamedTuple

INDEX = "docs/index"
"""The page that leads to all others; pages are named by their paths without ``.md``."""

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_PAGE = re.compile(r"\]\(([^):#\s]+)\.md[)#]")
_README = "README"


class Chapter(NamedTuple):
    """A heading of the index, with the pages below it in order."""

    heading: str
    pages: list[str]


def chapters(index: str, pages: Iterable[str]) -> list[Chapter]:
    r"""Return the chapters of the index, which together hold every page once.

    >>> found = chapters("## Begin\n[A](tour.md)\n## Do\n[B](how-to/find.md), [C](tour.md)",
    ...                  ["docs/index", "docs/tour", "docs/how-to/find", "docs/how-to/new"])
    >>> found[0], found[1].pages
    (Chapter(heading='Begin', pages=['docs/tour']), ['docs/how-to/find', 'docs/how-to/new'])
    """
    known = set(pages)
    led = {page for page in known if leader_of(page, known) is not None}
    missing = known - led - {INDEX}
    found = []
    parts = _HEADING.split(index)[1:]
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        named = (normpath(join(dirname(INDEX), each)) for each in _PAGE.findall(text))
        chapter = Chapter(heading, [])
        for page in named:
            if page in missing:
                chapter.pages.append(page)
                missing.remove(page)
        found.append(chapter)
    for page in sorted(missing):
        folder = dirname(page)
        beside = [each for each in found if folder in map(dirname, each.pages)]
        (beside or found)[-1].pages.append(page)
    return [each for each in found if each.pages]


def leader_of(page: str, pages: Iterable[str]) -> str | None:
    """Return the ``README`` that leads to a page, ``None`` when the index does.

    >>> pages = ["README", "docs/tour", "docs/decisions/README", "docs/decisions/counts-stand"]
    >>> leader_of("docs/decisions/counts-stand", pages), leader_of("docs/tour", pages)
    ('docs/decisions/README', None)
    """
    folder = dirname(page)
    if page == join(folder, _README):
        folder = dirname(folder)
    leader = join(folder, _README)
    return leader if folder and leader != page and leader in pages else None


def with_navigation(page: str, text: str, pages: Sequence[str]) -> str:
    """Return the text of a page with the tables of contents that Sphinx reads its navigation from.

    They are not shown on the page, which names the others in words.
    """
    if page == INDEX:
        return text + "".join(map(_contents, chapters(text, pages)))
    led = [each for each in pages if leader_of(each, pages) == page]
    return text + _contents(Chapter("", led)) if led else text


def _contents(chapter: Chapter) -> str:
    lines = [
        "```{toctree}", ":hidden:", ":titlesonly:",
        *([f":caption: {chapter.heading}"] if chapter.heading else []),
        "", *(f"/{page}" for page in chapter.pages), "```",
    ]
    return "\n\n" + "\n".join(lines) + "\n"
