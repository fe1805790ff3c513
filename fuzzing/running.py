"""Running a target under atheris, keeping what it reached, and replaying inputs without it."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzzing.fuzz_target import CORPORA, FOUND, FuzzTarget, kept_inputs

SLOWEST_SECONDS = 30
"""An input that takes longer than this is a fault; on a loaded machine too, none so short may."""

MOST_MEBIBYTES = 1024
"""A target that holds more memory than this is a fault."""

KEPT_BYTES, KEPT_FILES = 12_000, 60
"""The most that is kept of the inputs of a target."""


def fuzz(target: FuzzTarget, seconds: int, *, keep: bool) -> int:
    """Let a target read what atheris makes of its inputs, and return the status of that process.

    It begins with what is kept and with the seeds. With ``keep``, the shortest inputs that reach
    something new are kept too. What makes it fail is written to ``fuzzing/found``.
    """
    found, kept = FOUND / target.name, CORPORA / target.name
    for folder in (found, kept):
        folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        work, words, merged = (Path(name) / each for each in ("work", "words", "merged"))
        for folder in (work, merged):
            folder.mkdir()
        _write_inputs(work, target.seeds())
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        status = _under_atheris(target, [
            f"-max_total_time={seconds}", f"-max_len={target.most_bytes}",
            f"-timeout={SLOWEST_SECONDS}", f"-rss_limit_mb={MOST_MEBIBYTES}", f"-dict={words}",
            f"-artifact_prefix={found}/", "-print_final_stats=1", str(work), str(kept),
        ])
        if keep and not status:
            status = _under_atheris(target, ["-merge=1", str(merged), str(work), str(kept)])
            keep_shortest(target, merged)
    return status


def replay(target: FuzzTarget, inputs: Iterable[tuple[str, bytes]]) -> int:
    """Let a target read inputs, and return how many; what it raises tells with which it failed."""
    read = 0
    for name, data in inputs:
        try:
            target.read(data)
        except BaseException as error:
            error.add_note(f"Target {target.name}, {name}: {data[:500]!r}")
            raise
        read += 1
    return read


def _under_atheris(target: FuzzTarget, options: Sequence[str]) -> int:
    command = [sys.executable, "-m", "fuzzing.under_atheris", target.name, *options]
    return subprocess.run(command, check=False).returncode


def _escaped(word: bytes) -> str:
    r"""Return a word as dictionaries of libFuzzer have it.

    >>> _escaped(b"A") == r"\x41"
    True
    """
    return "".join(f"\\x{byte:02x}" for byte in word)


def _write_inputs(folder: Path, inputs: Iterable[bytes]) -> None:
    for data in inputs:
        (folder / blake2b(data, digest_size=8).hexdigest()).write_bytes(data)


def keep_shortest(target: FuzzTarget, merged: Path) -> None:
    """Keep the shortest of the inputs that reached something, beside the seeds and those kept."""
    kept = [path.read_bytes() for path in kept_inputs(target.name)]
    known = {*target.seeds(), *kept}
    left, files = KEPT_BYTES - sum(map(len, kept)), KEPT_FILES - len(kept)
    reached = {path.read_bytes() for path in merged.iterdir()} - known
    chosen = []
    for data in sorted(reached, key=lambda each: (len(each), each))[:files]:
        left -= len(data)
        if left < 0:
            break
        chosen.append(data)
    _write_inputs(CORPORA / target.name, chosen)
