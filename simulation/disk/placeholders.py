"""Empty real files in place of those on the simulated disk."""

from collections.abc import Iterable
from pathlib import Path

from simulation.disk.shared_index import REGION_BYTES

INDEX_SUFFIX = "-shm"


class Placeholders:
    """Keeps real files in step with the simulated ones, because the product looks at paths too.

    They are empty, except that the index of a write-ahead log has the size that it has on a real
    disk.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str) -> None:
        """Create a file unless it is there."""
        path = self._folder / name
        path.touch(mode=0o600)
        if name.endswith(INDEX_SUFFIX) and path.stat().st_size < REGION_BYTES:
            with path.open("r+b") as file:
                file.truncate(REGION_BYTES)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def is_there(self, name: str) -> bool:
        """Return whether the product has created a file itself."""
        return (self._folder / name).is_file()

    def agree(self, before: Iterable[str], after: Iterable[str]) -> None:
        """Replace what was there before a power cut by what is there afterwards."""
        for name in before:
            self.remove(name)
        for name in after:
            self.create(name)
