"""A copy of the source tree, in which files are changed while the simulation runs there."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The project that is copied."""


class CopiedTree:
    """A copy of the project's files, run with the Python of the project's own environment."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables under which programs of the copy run: they import what is in the copy."""
        return {**os.environ, "PYTHONPATH": str(self.root), "PYTHONFAULTHANDLER": "1"}

    def files(self, pattern: str) -> list[str]:
        """Return the files below the root that a pattern names, in order."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.glob(pattern))

    def read(self, file: str) -> str:
        """Return the text of a file below the root."""
        return (self.root / file).read_text(encoding="utf-8")

    @contextmanager
    def changed(self, file: str, text: str) -> Iterator[None]:
        """Replace the text of a file, and put back what was there at the end."""
        before = self.read(file)
        self._write(file, text)
        try:
            yield
        finally:
            self._write(file, before)

    def _write(self, file: str, text: str) -> None:
        path = self.root / file
        path.write_text(text, encoding="utf-8")
        # Python compares sizes and whole seconds: a change of one character may be missed.
        Path(cache_from_source(str(path))).unlink(missing_ok=True)

    def imports(self, *modules: str) -> bool:
        """Return whether modules can be imported in the copy."""
        program = "".join(f"import {module}\n" for module in modules)
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=self.root, env=self.environment,
            capture_output=True, timeout=120, check=False,
        )
        return done.returncode == 0

    def require_its_own(self) -> None:
        """Raise ``RuntimeError`` unless programs of the copy import the copy."""
        program = "import stocktrail.ledger as found; print(found.__file__)"
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=self.root, env=self.environment,
            capture_output=True, text=True, timeout=120, check=True,
        )
        if not Path(done.stdout.strip()).resolve().is_relative_to(self.root.resolve()):
            raise RuntimeError(f"stocktrail is imported from {done.stdout.strip()}")


@contextmanager
def copied_tree(source: Path = ROOT) -> Iterator[CopiedTree]:
    """Copy what Git knows of a project, or would add to it; the copy is deleted at the end."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=source,
        capture_output=True, text=True, check=True,
    )
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for name in filter(None, listed.stdout.split("\0")):
            wanted = Path(folder, name)
            wanted.parent.mkdir(parents=True, exist_ok=True)
            if (source / name).is_symlink() or (source / name).exists():
                shutil.copy2(source / name, wanted, follow_symlinks=False)
        yield CopiedTree(Path(folder))
