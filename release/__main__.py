"""Build and check what is published of the commit that is checked out: ``make dist``.

The commit is written into two folders and built in each, with the site of its documents: the wheel
of the sdist in one, the wheel of the files themselves in the other. They must be equal, byte for
byte. What was checked lies in ``dist/``, with a bill of materials and the digests of all files.
"""

import shutil
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from release.bill_of_materials import bill_of_materials
from release.building import Distributions, build, export_bill, require_same, run
from release.checks import check_contents, check_metadata, check_types
from release.commit import Commit, NotReleasable

ROOT = Path(__file__).parents[1]


def main(checkout: Path = ROOT) -> int:
    """Make the release of a checkout, and return the exit status."""
    try:
        commit = Commit(checkout)
        commit.require_clean()
        with TemporaryDirectory(prefix="stocktrail-release-") as folder:
            made = make(commit, Path(folder))
            dist = checkout / "dist"
            shutil.rmtree(dist, ignore_errors=True)
            dist.mkdir()
            for each in made:
                shutil.copy2(each, dist / each.name)
    except NotReleasable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"All is checked and lies in {dist}:")
    print((dist / "SHA256SUMS").read_text(), end="")
    return 0


def make(commit: Commit, within: Path) -> list[Path]:
    """Build the distributions of a commit twice, check them, and return all files of its release.

    Raises :class:`NotReleasable` with what is wrong.
    """
    trees = [within / "one" / "tree", within / "another folder" / "tree"]
    built = []
    for tree, of_sdist in zip(trees, (True, False), strict=True):
        tree.mkdir(parents=True)
        commit.write_to(tree)
        to = tree.parent / "built"
        run(sys.executable, "-m", "website", within=tree)
        built.append(build(tree, to, seconds=commit.seconds, of_sdist=of_sdist))
    print("Built twice, in two folders:", *(each.name for each in built[0]), flush=True)
    require_same(*built)
    check_metadata(built[0], within)
    check_contents(built[0], trees[0])
    print("The metadata and the contents are as they should be; reading the types.", flush=True)
    check_types(built[0], trees[0], within)
    return [*built[0], *_papers(commit, trees[0], built[0])]


def _papers(commit: Commit, tree: Path, built: Distributions) -> list[Path]:
    """Write the bill of materials of a release, and the digests of its files."""
    folder = built.wheel.parent
    name = "-".join(built.wheel.name.split("-")[:2])
    bill = folder / f"{name}.cdx.json"
    bill.write_bytes(bill_of_materials(
        export_bill(tree), seconds=commit.seconds, distributions=built
    ))
    sums = folder / "SHA256SUMS"
    sums.write_text("".join(
        f"{sha256(each.read_bytes()).hexdigest()}  {each.name}\n"
        for each in sorted([*built, bill])
    ))
    return [bill, sums]


if __name__ == "__main__":
    sys.exit(main())
