"""Building the distributions of a commit, with the tools that the lock names."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from release.commit import NotReleasable

UV = str(Path(sys.executable).with_name("uv"))


class Distributions(NamedTuple):
    """What is published of a commit: its files, and a wheel that was built of them."""

    sdist: Path
    wheel: Path


def build(tree: Path, folder: Path, *, seconds: int, of_sdist: bool) -> Distributions:
    """Build the distributions of a tree into a folder; the wheel of the sdist, or of the tree."""
    kinds = [] if of_sdist else ["--sdist", "--wheel"]
    run(
        UV, "build", "--quiet", "--no-create-gitignore", *kinds, "--out-dir", str(folder),
        within=tree, environment={"SOURCE_DATE_EPOCH": str(seconds)},
    )
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Distributions(sdist, wheel)


def require_same(one: Distributions, other: Distributions) -> None:
    """Raise an error where two builds of a commit do not hold equal bytes."""
    for here, there in zip(one, other, strict=True):
        if here.name != there.name or here.read_bytes() != there.read_bytes():
            raise NotReleasable(f"{here.name} was built twice, and the bytes are not the same.")


def export_bill(tree: Path) -> bytes:
    """Return what a user of a tree installs, with all that is optional, as uv knows it."""
    return run(
        UV, "export", "--quiet", "--locked", "--no-dev", "--all-extras",
        "--preview-features", "sbom-export", "--format", "cyclonedx1.5", within=tree,
    )


def run(*command: str, within: Path, environment: Mapping[str, str] | None = None) -> bytes:
    """Run a program in a folder and return what it printed; raise an error with it if it fails."""
    ended = subprocess.run(
        command, cwd=within, env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL, capture_output=True,
    )
    if ended.returncode:
        told = (ended.stdout + ended.stderr).decode(errors="replace").strip()
        raise NotReleasable(f"{' '.join(command)} failed:\n{told}")
    return ended.stdout
