"""A release is made of a commit, and of nothing else."""

import subprocess
from pathlib import Path

import pytest

from release.commit import Commit, NotReleasable


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout of one commit, made at the time that it says."""
    (tmp_path / "README.md").write_text("As it was committed.\n")
    (tmp_path / "link").symlink_to("README.md")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "All there is")
    return tmp_path


def git(folder: Path, *words: str) -> None:
    """Run git in a folder, as nobody in particular."""
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words], cwd=folder,
        check=True,
        env={"GIT_COMMITTER_DATE": "2026-11-30T12:00:00Z", "GIT_CONFIG_GLOBAL": "/dev/null"},
    )


def test_its_files_are_written_as_they_were_committed(checkout: Path, tmp_path: Path) -> None:
    (checkout / "README.md").write_text("Changed since.\n")
    to = tmp_path / "to"
    Commit(checkout).write_to(to)
    assert (to / "README.md").read_text() == "As it was committed.\n"
    assert (to / "link").is_symlink()
    assert sorted(each.name for each in to.iterdir()) == ["README.md", "link"]


def test_its_time_is_that_of_every_file_that_is_built(checkout: Path) -> None:
    assert Commit(checkout).seconds == 1_796_040_000


def test_what_is_not_committed_is_not_released(checkout: Path) -> None:
    Commit(checkout).require_clean()
    (checkout / "new.py").touch()
    with pytest.raises(NotReleasable, match=r"^Not committed: new\.py \(1 in all\)"):
        Commit(checkout).require_clean()


def test_a_folder_without_git_cannot_be_released(tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    with pytest.raises(NotReleasable, match="not a git repository"):
        Commit(tmp_path / "apart").require_clean()
