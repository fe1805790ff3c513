"""Copies of files of the repository that pages link to: shown as text, and never compiled."""

import re
from pathlib import Path

_LINK = re.compile(r'download="" href="([^"]*/_downloads/[^"]+\.py)"')


def show_as_text(site: Path) -> None:
    """Rename copies of Python files to an ending that a browser shows, and pip leaves alone."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(_LINK.sub(r'href="\1.txt"', text), encoding="utf-8")
    for copy in site.glob("_downloads/*/*.py"):
        copy.rename(copy.with_name(f"{copy.name}.txt"))
