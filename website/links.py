"""Links of pages that a site cannot follow: those to folders of the repository."""

import re
from pathlib import Path

_LINK = re.compile(r"\[([^\]]*)\]\(([^):#\s]+)\)")


def without_links_to_folders(text: str, folder: Path) -> str:
    """Return the text of a page in a folder without its links to folders: a site lists none."""

    def kept(link: re.Match[str]) -> str:
        return link[1] if (folder / link[2]).is_dir() else link[0]

    return _LINK.sub(kept, text)
