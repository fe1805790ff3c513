"""What a browser would fetch from another host to show the pages of a site: there must be nothing.

A link that a reader follows is none of that: only scripts, styles, images, fonts and the like are.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

_FETCHED = frozenset(("src", "srcset", "data", "poster", "action", "formaction", "background"))
"""The attributes whose addresses are fetched, of whatever element."""

_ELSEWHERE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_IN_STYLES = re.compile(r"(?:@import\s+|url\(\s*)[\"']?((?:[a-z]+:)?//[^\"')\s]+)", re.IGNORECASE)


def fetched_from_elsewhere(site: Path) -> Iterator[tuple[str, str]]:
    """Find every address of another host that is fetched, with the file that names it."""
    for path in sorted(site.rglob("*")):
        if path.suffix not in (".html", ".css", ".svg"):
            continue
        text = path.read_text(encoding="utf-8")
        found = _IN_STYLES.findall(text) + (_Page(text).found if path.suffix != ".css" else [])
        for address in found:
            yield str(path.relative_to(site)), address


class _Page(HTMLParser):
    """Collects the addresses that a page lets a browser fetch from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take in what an element fetches; ``link`` is the one that fetches by ``href``."""
        for name, value in attributes:
            is_fetched = name in _FETCHED or (name == "href" and tag in ("link", "use", "image"))
            if is_fetched and _ELSEWHERE.match(value or ""):
                self.found.append(value or "")
