"""Fuzz the readers of what comes from outside: ``python -m fuzzing [NAME] [--seconds N]``.

Without a name every target is fuzzed in turn. ``--input FILE`` lets a target read one file instead,
without atheris: that repeats what was found. ``--keep`` keeps the shortest inputs that reached
something new. Ends with 1 if a target failed.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from fuzzing.fuzz_target import FOUND, load, names
from fuzzing.running import fuzz, replay


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz what is named, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("name", nargs="?", choices=names(), help="one target; default: all in turn")
    parser.add_argument("--seconds", type=int, default=60, help="how long each is fuzzed")
    parser.add_argument("--keep", action="store_true", help="keep what reached something new")
    parser.add_argument("--input", type=Path, help="a file that the target is to read")
    given = parser.parse_args(arguments)
    if given.input is not None:
        if given.name is None:
            parser.error("--input needs the name of a target")
        replay(load(given.name), [(str(given.input), given.input.read_bytes())])
        return 0
    failed = [
        name for name in ([given.name] if given.name else names())
        if fuzz(load(name), given.seconds, keep=given.keep)
    ]
    for name in failed:
        print(f"{name} failed; what it read is in {FOUND / name}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
