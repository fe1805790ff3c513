"""``make docs`` writes everything that is generated."""

import re

from tests.house.sources import BESIDE_THE_PROGRAM, PACKAGES, ROOT, sources

OUTSIDE = ("tests", *BESIDE_THE_PROGRAM)
WRITES_ITSELF = re.compile(r'^if __name__ == "__main__":\n    write\(\)', re.MULTILINE)


def test_make_docs_runs_every_generator() -> None:
    recipe = re.search(
        r"^docs:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert recipe is not None
    run = set(re.findall(r"python -m ([\w.]+)", recipe[1]))
    generators = {
        ".".join(
            (*(() if source.path.parts[0] in OUTSIDE else ("stocktrail",)),
             *source.path.with_suffix("").parts)
        )
        for source in sources(*PACKAGES, "tests") if WRITES_ITSELF.search(source.text)
    }
    assert generators <= run
