"""The tests run on the PostgreSQL that is named, whichever of the supported ones it is."""

from pathlib import Path

import pytest

from tests.postgres_programs import PROGRAMS_VARIABLE, locale_words, programs


def programs_that_say(folder: Path, version: str) -> Path:
    """Write a program that tells a version as PostgreSQL does."""
    program = folder / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
    program.chmod(0o755)
    return folder


def test_the_programs_are_those_that_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRAMS_VARIABLE, str(programs_that_say(tmp_path, "16.14")))
    assert programs() == tmp_path


def test_a_folder_without_programs_is_refused_instead_of_the_wheel_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRAMS_VARIABLE, str(tmp_path))
    with pytest.raises(FileNotFoundError, match=f"no program `postgres` is in {tmp_path}"):
        programs()


@pytest.mark.parametrize("version", ["15.18 (Debian 15.18-0+deb12u1)", "16.14", "17.10", "18.6"])
def test_texts_are_sorted_by_code_points_on_every_version(tmp_path: Path, version: str) -> None:
    builtin = "--locale-provider=builtin" in locale_words(programs_that_say(tmp_path, version))
    assert builtin == version.startswith(("17", "18"))
