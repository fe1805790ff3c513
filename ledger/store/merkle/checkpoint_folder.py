"""The folder that holds the checkpoints of a ledger, outside its database.

For a SQLite file it is ``shop.db.checkpoints``; for a ledger on a server it is in the user's state
directory. A copy on another machine is worth more than either, because an intruder who can write
there can delete checkpoints too.
"""

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.notes import Verifier

_SUFFIX = ".checkpoint"
_VERIFIER = "verifier.key"


def default_folder(where: str, *, is_file: bool) -> Path:
    """Return the folder of a ledger, by its file or by its place on a server."""
    if is_file:
        return Path(f"{where}.checkpoints")
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(state) / "stocktrail" / sha256(where.encode()).hexdigest()[:16]


class CheckpointFolder:
    """The checkpoints of one ledger, and the public key of their signatures."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def newest(self) -> Checkpoint | None:
        """Return the checkpoint that covers most, or ``None``."""
        names = self._names()
        return self._read(names[-1]) if names else None

    def all(self) -> list[Checkpoint]:
        """Return every checkpoint of this epoch, the oldest first."""
        return [self._read(name) for name in self._names()]

    def verifier(self) -> Verifier | None:
        """Return the public key that was saved with the first checkpoint."""
        try:
            return Verifier.of_text((self.path / _VERIFIER).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def keep(self, checkpoint: Checkpoint, verifier: Verifier) -> Path:
        """Write a checkpoint to the disk, and return its path.

        Raises :class:`Refusal` (``another_key``) when the others here were signed with another key.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        known = self.verifier()
        if known is None:
            _write(self.path / _VERIFIER, verifier.as_text() + "\n")
        elif known != verifier:
            raise Refusal(
                "another_key",
                f"The checkpoints in {self.path} were signed by {known.name} with another key. Use "
                "that key, or begin a new epoch with `stocktrail new-epoch`.",
            )
        path = self.path / f"{checkpoint.position:012d}-{checkpoint.size:012d}{_SUFFIX}"
        _write(path, checkpoint.note)
        return path

    def archive(self) -> Path | None:
        """Move everything into a subfolder, because a new epoch begins; return the subfolder."""
        files = [self.path / name for name in (*self._names(), _VERIFIER)]
        files = [file for file in files if file.exists()]
        if not files:
            return None
        aside = next(
            folder for folder in (self.path / f"epoch-{number}" for number in range(1, 10**9))
            if not folder.exists()
        )
        aside.mkdir()
        for file in files:
            file.rename(aside / file.name)
        return aside

    def _names(self) -> Sequence[str]:
        try:
            return sorted(each for each in os.listdir(self.path) if each.endswith(_SUFFIX))
        except FileNotFoundError:
            return ()

    def _read(self, name: str) -> Checkpoint:
        return read_checkpoint(self.path / name)


def read_checkpoint(path: Path) -> Checkpoint:
    """Return the checkpoint in a file. Raises :class:`Refusal` (``bad_checkpoint``)."""
    try:
        return Checkpoint.of_note(path.read_text(encoding="utf-8"))
    except (Refusal, UnicodeDecodeError) as error:
        raise Refusal("bad_checkpoint", f"{path} is no checkpoint of stocktrail.") from error


def _write(path: Path, text: str) -> None:
    """Write a file atomically."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
