"""Global options: the flags of every subcommand, before it, after it, or among its own."""

from collections.abc import Sequence
from typing import NamedTuple

from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure

GLOBAL_OPTIONS_HELP = "\n\n".join((
    "Everywhere, before or after the subcommand:",
    "--database URL  The ledger, such as sqlite:///shop.db or postgresql://user@host/shop; else "
    "STOCKTRAIL_DATABASE_URL, also from .env; else sqlite:///stocktrail.db.",
    "--json  Answer in JSON, for programs.",
    "--csv  Answer a question as a table in CSV, for spreadsheets.",
    "--no-color  Answer without colours; so does NO_COLOR in the environment.",
))

GLOBAL_FLAGS = ("--database", "--json", "--csv", "--no-color")


class GlobalOptions(NamedTuple):
    """The values of the global options."""

    database: str | None = None
    as_json: bool = False
    as_csv: bool = False
    no_color: bool = False


def parse_global_options(tokens: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """Return the global options of a call, and its other tokens; ``--`` ends the options.

    Raises a failure for ``--database`` without a URL (``missing_flag``), or given twice
    (``repeated_flag``), and for two forms of an answer (``bad_flag``).

    >>> options, rest = parse_global_options(["stock", "A", "--json", "--database=sqlite:///a.db"])
    >>> options.database, options.as_json, rest
    ('sqlite:///a.db', True, ['stock', 'A'])
    """
    found = GlobalOptions()
    rest: list[str] = []
    left = iter(tokens)
    for token in left:
        name, equals, value = token.partition("=")
        if token == "--":
            rest += [token, *left]
            break
        if token == "--json":
            found = found._replace(as_json=True)
        elif token == "--csv":
            found = found._replace(as_csv=True)
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
    if found.as_csv and found.as_json:
        raise Failure(WRONG_FLAGS, "bad_flag", "Ask for --csv or for --json, not for both.")
    return found, rest
