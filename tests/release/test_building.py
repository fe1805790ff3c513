"""Two builds must be equal, and a program that fails is told with what it said."""

import sys
from pathlib import Path

import pytest

from release.building import Distributions, require_same, run
from release.checks import uncertain_names
from release.commit import NotReleasable


def built(folder: Path, wheel: bytes) -> Distributions:
    """Write two small files that are named like distributions."""
    folder.mkdir()
    made = Distributions(folder / "a-1.tar.gz", folder / "a-1-py3-none-any.whl")
    made.sdist.write_bytes(b"sources")
    made.wheel.write_bytes(wheel)
    return made


def test_equal_bytes_are_asked_for(tmp_path: Path) -> None:
    one, same = built(tmp_path / "one", b"wheel"), built(tmp_path / "same", b"wheel")
    other = built(tmp_path / "other", b"wheal")
    require_same(one, same)
    with pytest.raises(NotReleasable, match=r"a-1-py3-none-any\.whl was built twice"):
        require_same(one, other)


def test_a_program_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    assert run(sys.executable, "-c", "print('done')", within=tmp_path) == b"done\n"
    with pytest.raises(NotReleasable, match=r"failed:\nIt is not there"):
        run(sys.executable, "-c", "raise SystemExit('It is not there')", within=tmp_path)


def test_a_type_that_must_be_guessed_is_found() -> None:
    symbols = [
        {"name": "a.known", "isExported": True, "isTypeKnown": True, "isTypeAmbiguous": False},
        {"name": "a.guessed", "isExported": True, "isTypeKnown": True, "isTypeAmbiguous": True},
        {"name": "a.unknown", "isExported": True, "isTypeKnown": False, "isTypeAmbiguous": False},
        {"name": "a._own", "isExported": False, "isTypeKnown": False, "isTypeAmbiguous": False},
    ]
    report: dict[str, object] = {"typeCompleteness": {"symbols": symbols}}
    assert uncertain_names(report) == ["a.guessed", "a.unknown"]
    with pytest.raises(NotReleasable, match="no name"):
        uncertain_names({"typeCompleteness": {"symbols": []}})
