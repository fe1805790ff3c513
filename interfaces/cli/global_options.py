"""Global options: the flags of every subcommand, before it, after it, or among its own."""

from collections.abc import Sequence
from typing import NamedTuple

from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure

GLOBAL_OPTIONS_HELP = """Everywhere, before or after the subcommand:

--database URL  The ledger, such as sqlite:///shop.db; else STOCKTRAIL_DATABASE_URL, also from .env;
else sqlite:///stocktrail.db.

--json  Answer in JSON, for programs.

--no-color  Answer without colours; so does NO_COLOR in the environment."""


class GlobalOptions(NamedTuple):
    """The values of the global options."""

    database: str | None = None
    as_json: bool = False
    no_color: bool = False


def parse_global_options(tokens: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """Return the global options of a call, and its other tokens; ``--`` ends the options.

    Raises a failure for ``--database`` without a URL (``missing_flag``), or given twice
    (``repeated_flag``).

    >>> parse_global_options(["stock", "A", "--json", "--database=sqlite:///a.db"])
    (GlobalOptions(database='sqlite:///a.db', as_json=True, no_color=False), ['stock', 'A'])
    """
    found = GlobalOptions()
    rest: list[str] = []
    left = iter(tokens)
    for token in left:
        name, equals, value = token.partition("=")
        if token == "--":
            return found, [*rest, token, *left]
        if token == "--json":
            found = found._replace(as_json=True)
        elif token == "--no-color":
            found = found._replace(no_color=True)
        elif name == "--database":
            database = value if equals else next(left, "")
            if not database:
                raise Failure(WRONG_FLAGS, "missing_flag", "--database needs a URL.")
            if found.database is not None:
                raise Failure(WRONG_FLAGS, "repeated_flag", "--database stands there twice.")
            found = found._replace(database=database)
        else:
            rest.append(token)
    return found, rest
