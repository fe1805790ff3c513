"""Build the site of the documents: ``python -m website [FOLDER]``, by default ``build/site``.

Strictly: it ends with 1 at a link that leads nowhere, at a page that nothing leads to, and at
anything that a browser would fetch from another host. Two builds of the same files are equal.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.cmd.build import main as sphinx_build

from website.copies import show_as_text
from website.fetched import fetched_from_elsewhere

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build" / "site"

_OF_THE_BUILD = (".buildinfo", "objects.inv")
"""Files that are of use to Sphinx alone."""


def build(folder: Path) -> list[str]:
    """Build the site into a folder, and return what is wrong with it."""
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory() as work:
        status = sphinx_build([
            "-q", "-E", "--fail-on-warning", "--keep-going", "--conf-dir", str(ROOT / "website"),
            "--doctree-dir", work, str(ROOT), str(folder),
        ])
    if status:
        return ["Sphinx says above what is wrong."]
    for name in _OF_THE_BUILD:
        (folder / name).unlink(missing_ok=True)
    show_as_text(folder)
    (folder / "_sources").rmdir()               # made empty, because nobody is to be led there
    return [f"{page} fetches {address}" for page, address in fetched_from_elsewhere(folder)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site, say what is wrong, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SITE)
    folder: Path = parser.parse_args(arguments).folder
    wrong = build(folder.absolute())
    for each in wrong:
        print(each, file=sys.stderr)
    if not wrong:
        print(f"The documents are in {folder}; stocktrail docs shows them.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
