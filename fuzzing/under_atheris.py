"""One target under atheris, in a process of its own: ``python -m fuzzing.under_atheris NAME ...``.

What follows the name are options and folders of libFuzzer. The program is instrumented while it is
imported, so this module imports nothing of it before.
"""

import sys
from importlib import import_module

INSTRUMENTED = ["stocktrail", "fuzzing", "csv", "json", "email", "urllib", "h11", "verify_proof"]
"""The packages whose branches the fuzzer counts."""


def main(name: str, options: list[str]) -> None:
    """Run a target until libFuzzer ends the process."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=INSTRUMENTED):
        target = import_module("fuzzing.fuzz_target").load(name)
    again = f"{sys.executable} -m fuzzing.under_atheris {name}"    # what a merge starts, by a shell
    atheris.Setup([again, *options], target.read)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
