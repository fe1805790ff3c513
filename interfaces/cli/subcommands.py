"""Running a subcommand: its tokens are parsed, and errors of parsing become failures."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cyclopts import App, Group

from stocktrail.interfaces.cli.cautions import caution_about_call
from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.global_options import GLOBAL_OPTIONS_HELP, parse_global_options
from stocktrail.interfaces.cli.listing import found_in, listing
from stocktrail.interfaces.cli.session import Session
from stocktrail.interfaces.cli.wording import flag_named

if TYPE_CHECKING:
    from cyclopts.exceptions import CycloptsError


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("stocktrail")
    except PackageNotFoundError:
        return "not installed"


def _application(asked: str | None) -> App:
    """Return the application: with the one subcommand that is called, or with all of them."""
    app = App(
        name="stocktrail",
        help="An inventory ledger: every sale, reservation and receipt is an event, and every "
        "number explains itself.",
        help_epilogue=GLOBAL_OPTIONS_HELP,
        help_format="plaintext",
        version=_version,
        result_action="return_value",
    )
    place = 0
    for heading, listed in listing().items():
        group = Group(heading, sort_key=place)
        for name, sentence in listed.items():
            place += 1
            if asked in (None, name):
                app.command(
                    found_in(name), name=name, help=sentence, group=group, sort_key=place
                )
    return app


_MOST_NUMBER = 2**63 - 1


def run(tokens: Sequence[str]) -> int:
    """Run the subcommand that the tokens name and return its exit status.

    Raises :class:`~stocktrail.interfaces.cli.failures.Failure` for flags that are unknown or
    missing.
    """
    from cyclopts.exceptions import CycloptsError

    options, rest = parse_global_options(tokens)
    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    session = Session(
        options.database, as_json=options.as_json, color=not options.no_color
    )
    as_json = options.as_json or rest[:1] == ["serve"]         # whose stderr is a log in JSON
    caution_about_call(options.database, rest, as_json=as_json)
    known = any(rest[0] in listed for listed in listing().values()) if rest else False
    app = _application(rest[0] if known else None)
    try:
        subcommand, bound, handed_over = app.parse_args(
            rest, print_error=False, exit_on_error=False
        )
        _require_held(bound.arguments)
        return _as_status(
            subcommand(*bound.args, **bound.kwargs, **dict.fromkeys(handed_over, session))
        )
    except CycloptsError as error:
        raise _flag_failure(error, rest) from None


def _require_held(given: Mapping[str, Any]) -> None:
    """Raise a failure for whole numbers beyond 64 bits, which no database holds."""
    for name, value in given.items():
        if isinstance(value, int) and not -_MOST_NUMBER <= value <= _MOST_NUMBER:
            raise Failure(
                WRONG_FLAGS, "bad_flag", f"{flag_named(name)}: {str(value)[:30]} is too large."
            )


def _as_status(status: Any) -> int:
    return status if isinstance(status, int) else 0


def _flag_failure(error: "CycloptsError", tokens: Sequence[str]) -> Failure:
    from cyclopts import exceptions

    if isinstance(error, exceptions.UnknownCommandError):
        return _unknown_subcommand(error, tokens)
    codes = {
        exceptions.UnknownOptionError: "unknown_flag",
        exceptions.UnusedCliTokensError: "too_many_arguments",
        exceptions.MissingArgumentError: "missing_flag",
        exceptions.RepeatArgumentError: "repeated_flag",
    }
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), "bad_flag")
    error.verbose = False
    message = " ".join(str(error).split())
    return Failure(WRONG_FLAGS, code, message if message.endswith(("?", ".")) else f"{message}.")


def _unknown_subcommand(error: "CycloptsError", tokens: Sequence[str]) -> Failure:
    from difflib import get_close_matches

    asked = (error.unused_tokens or tokens)[0]
    close = get_close_matches(asked, [name for listed in listing().values() for name in listed], 1)
    hint = f"Did you mean {close[0]}?" if close else "See stocktrail --help."
    return Failure(
        WRONG_FLAGS, "unknown_subcommand", f"There is no subcommand {asked[:100]}. {hint}"
    )
