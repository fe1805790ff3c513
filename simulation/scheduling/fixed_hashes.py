"""Hashes of texts that are the same in every run.

The program writes rows of read models in the order of sets: the same rows, on other pages of the
file. A fault that strikes at the hundredth write would strike elsewhere.
"""

import os
import sys

_VARIABLE = "PYTHONHASHSEED"


def require_fixed_hashes() -> None:
    """Replace this program by itself with fixed hashes, unless it has them."""
    if os.environ.get(_VARIABLE) != "0":
        sys.stdout.flush()
        os.execve(
            sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, _VARIABLE: "0"}
        )
