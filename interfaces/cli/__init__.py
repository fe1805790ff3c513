"""The command line: ``stocktrail``.

Every subcommand is loaded when it is asked for, because reading the command models and drawing
tables take longer than answering a simple question.
"""

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

# Pydantic looks through everything that is installed for plug-ins of its own: 0.05 s at each start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and give its exit status; never ends with a traceback for bad input.

    0 everything is as asked, 1 something else went wrong, 2 unknown or missing flags, 3 refused,
    4 invalid or conflicting input, 5 the database failed, 130 interrupted.
    """
    from interfaces.cli.failures import exit_status_of

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from interfaces.cli.subcommands import run

        status = run(tokens)
        sys.stdout.flush()
    except BaseException as error:
        failed = exit_status_of(error, as_json="--json" in tokens)
        if failed is None:
            raise
        return failed
    return status
