"""Running a subcommand: its tokens are parsed, and errors of parsing become failures."""

import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from cyclopts import App, Group

from stocktrail.interfaces.cli.cautions import caution_about_call
from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.global_options import (
    GLOBAL_FLAGS,
    GLOBAL_OPTIONS_HELP,
    parse_global_options,
)
from stocktrail.interfaces.cli.known_ids import ASKED_BY_SHELL, asking_session
from stocktrail.interfaces.cli.listing import found_in, is_group, listing
from stocktrail.interfaces.cli.offered_words import words_shown
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


HELP_FLAGS: tuple[str, ...] = ("--help", "-h")
VERSION_FLAGS: tuple[str, ...] = ("--version", "-V")


def application(asked: str | None = None, examples: Sequence[str] = ()) -> App:
    """Return the application: with the one subcommand that is called, or with all of them.

    Help that it shows ends with the examples.
    """
    app = App(
        name="stocktrail",
        help="An inventory ledger: every sale, reservation and receipt is an event, and every "
        "number explains itself.",
        help_epilogue=_epilogue(examples),
        help_format="plaintext",
        help_flags=HELP_FLAGS,
        version=_version,
        version_flags=VERSION_FLAGS,
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


def _epilogue(examples: Sequence[str]) -> str:
    """Return what stands below every help: examples, if there are any, and the global options."""
    if not examples:
        return GLOBAL_OPTIONS_HELP
    from stocktrail.interfaces.cli.typed_examples import shown

    heading = "Example:" if len(examples) == 1 else "Examples:"
    return "\n\n".join([heading, "\n".join(map(shown, examples)), GLOBAL_OPTIONS_HELP])


def _subcommand_in(words: Sequence[str]) -> str:
    """Return the subcommand that is called, with its group; an empty text for none that there is.

    >>> _subcommand_in(["explain", "stock", "A"]), _subcommand_in(["stock", "A"])
    ('explain stock', 'stock')
    """
    name = words[0] if words else ""
    if not any(name in listed for listed in listing().values()):
        return ""
    return " ".join(word for word in words[:2] if word == name or is_group(name))


def _examples_in_help(asked: str, words: Sequence[str]) -> list[str]:
    """Return the examples of the help that is asked for, none where none is."""
    before = words[:words.index("--")] if "--" in words else words
    if words and not any(flag in before for flag in HELP_FLAGS):
        return []
    from stocktrail.interfaces.cli.typed_examples import examples_of

    name = asked if not asked or examples_of(asked) else asked.partition(" ")[0]
    return examples_of(name)


def _has_table(asked: str) -> bool:
    return asked == "events" or asked.replace(" ", "-") in declared("question")


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
        options.database, as_json=options.as_json, as_csv=options.as_csv,
        color=not options.no_color,
    )
    if rest[:1] == [ASKED_BY_SHELL]:
        asking_session.set(session)
        return _answer_shell(rest)
    as_json = options.as_json or rest[:1] == ["serve"]         # whose stderr is a log in JSON
    caution_about_call(options.database, rest, as_json=as_json)
    asked = _subcommand_in(rest)
    if options.as_csv and asked and not _has_table(asked):
        raise Failure(
            WRONG_FLAGS, "bad_flag",
            f"--csv is for questions, which answer with a table; {asked} answers in sentences, or "
            "with --json in JSON.",
        )
    examples = _examples_in_help(asked, rest)
    app = application(asked.partition(" ")[0] or None, examples)
    try:
        with words_shown() if examples else nullcontext():
            subcommand, bound, handed_over = app.parse_args(
                rest, print_error=False, exit_on_error=False
            )
        _require_held(bound.arguments)
        return _as_status(
            subcommand(*bound.args, **bound.kwargs, **dict.fromkeys(handed_over, session))
        )
    except CycloptsError as error:
        raise _flag_failure(error, rest) from None


def _answer_shell(words: Sequence[str]) -> int:
    """Write what may follow the words that were typed so far."""
    app = application(_subcommand_in(words[1:]).partition(" ")[0] or None)
    offer, bound, _ = app.parse_args(words, print_error=False, exit_on_error=False)
    offer(*bound.args)
    return 0


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
        return _unknown_subcommand((error.unused_tokens or tokens)[0])
    if isinstance(error, exceptions.UnknownOptionError):
        from difflib import get_close_matches

        typed = (error.token.keyword or error.token.value).partition("=")[0]
        if close := get_close_matches(typed, GLOBAL_FLAGS, 1, 0.75):
            return Failure(
                WRONG_FLAGS, "unknown_flag", f"Unknown option: {typed}. Did you mean {close[0]}?"
            )
    codes = {
        exceptions.UnknownOptionError: "unknown_flag",
        exceptions.UnusedCliTokensError: "too_many_arguments",
        exceptions.MissingArgumentError: "missing_flag",
        exceptions.RepeatArgumentError: "repeated_flag",
    }
    code = next((codes[kind] for kind in codes if isinstance(error, kind)), "bad_flag")
    error.verbose = False
    message = _said_plainly(error) or " ".join(str(error).split())
    return Failure(WRONG_FLAGS, code, message if message.endswith(("?", ".")) else f"{message}.")


def _said_plainly(error: "CycloptsError") -> str | None:
    """Return what is missing or too much, ``None`` where the parser itself says it better."""
    from cyclopts import exceptions

    subcommand = " ".join(error.command_chain or ())
    if isinstance(error, exceptions.UnusedCliTokensError) and error.unused_tokens:
        return (
            f"{subcommand} has no place for {error.unused_tokens[0][:100]!r}. "
            f"See stocktrail help {subcommand}."
        )
    argument = error.argument
    if not isinstance(error, exceptions.MissingArgumentError) or argument is None:
        return None
    if "Did you mean" in str(error):
        return None
    choices = argument.get_choices() or ()
    one_of = f" ({', '.join(choices)})" if choices else ""
    if error.keyword is not None or argument.tokens:
        return f"{error.keyword or argument.name} needs a value{one_of}."
    return f"{subcommand} needs {argument.name}{one_of}. See stocktrail help {subcommand}."


def is_subcommand(word: str) -> bool:
    """Return whether a word is the name of a subcommand, or of a group of them."""
    return bool(_subcommand_in([word]))


def require_subcommand(words: Sequence[str]) -> None:
    """Raise a failure ``unknown_subcommand`` where words do not begin with the name of one."""
    if words and not _subcommand_in(words):
        raise _unknown_subcommand(words[0])


def _unknown_subcommand(asked: str) -> Failure:
    from difflib import get_close_matches

    close = get_close_matches(asked, [name for listed in listing().values() for name in listed], 1)
    hint = f"Did you mean {close[0]}?" if close else "See stocktrail --help."
    return Failure(
        WRONG_FLAGS, "unknown_subcommand", f"There is no subcommand {asked[:100]}. {hint}"
    )
