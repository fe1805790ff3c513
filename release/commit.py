"""The commit that is released: when it was made, and its files in a folder of their own."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path


class NotReleasable(RuntimeError):
    """A release cannot be made of this checkout, or what was made is not what it should be."""


class Commit:
    """The commit that a checkout stands at; what is not committed is not released."""

    def __init__(self, checkout: Path) -> None:
        self._checkout = checkout

    def require_clean(self) -> None:
        """Raise an error where the checkout holds changes that no commit has."""
        changed = self._git("status", "--porcelain").decode().splitlines()
        if changed:
            raise NotReleasable(
                f"Not committed: {changed[0][3:]} ({len(changed)} in all). A release is made of a "
                "commit: commit what belongs to it, and take away the rest."
            )

    @property
    def seconds(self) -> int:
        """When it was made, in seconds since 1970: the time that every file built of it has."""
        return int(self._git("log", "-1", "--format=%ct"))

    def write_to(self, folder: Path) -> None:
        """Write its files into a folder, as a fresh clone would have them."""
        with tarfile.open(fileobj=BytesIO(self._git("archive", "--format=tar", "HEAD"))) as files:
            files.extractall(folder, filter="data")

    def _git(self, *words: str) -> bytes:
        ended = subprocess.run(["git", *words], cwd=self._checkout, capture_output=True)
        if ended.returncode:
            raise NotReleasable(
                f"A release is made of a commit, and git {words[0]} says: "
                f"{ended.stderr.decode(errors='replace').strip()}"
            )
        return ended.stdout
