"""The build hook that puts the site of the documents into wheels and sdists.

It builds nothing: `make docs-site` does. Where that was not done a wheel has no documents, and
`stocktrail docs` says so. An sdist holds the site too, so that a wheel made of it holds the same.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SITE = "build/site"
"""Where `make docs-site` leaves the site, and where it lies in an sdist."""

IN_A_WHEEL = "stocktrail/documents"


class DocumentsHook(BuildHookInterface):
    """Includes the site where there is one; an editable installation reads it where it lies."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the folder of the site among what is included."""
        site = Path(self.root, SITE)
        if version == "editable" or not (site / "index.html").is_file():
            return
        build_data["force_include"][str(site)] = SITE if self.target_name == "sdist" else IN_A_WHEEL
