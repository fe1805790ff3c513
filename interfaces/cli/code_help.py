"""Help about a code: ``stocktrail help not_enough_salable``."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from stocktrail.interfaces.cli.code_origins import is_judged_again, origins_of
from stocktrail.interfaces.cli.code_reference import either
from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.wording import shortened
from stocktrail.interfaces.codes import CODES, Code

_TYPE = "urn:stocktrail:problem:"

_AGAIN = {
    True: "The same id may be sent again: the command is judged again.",
    False: "Sent again with the same id it gets the same answer: a new try needs a new id.",
}


def code_in(word: str, subcommands: Sequence[str]) -> Code | None:
    """Return the code that was typed, however it was copied; ``None`` where none is meant.

    Raises a failure ``unknown_code`` for a word that is more like a code than like a subcommand.

    >>> code_in("[unknown_sku]", []) == code_in("urn:stocktrail:problem:unknown_sku", [])
    True
    """
    name = word.strip("[]`'\". ").removeprefix(_TYPE).lower()
    if name in CODES:
        return CODES[name]
    close = next(iter(get_close_matches(name, [*subcommands, *CODES], 1)), "")
    if "_" not in name and (not close or close in subcommands):
        return None
    hint = f"Did you mean {close}?" if close in CODES else "docs/reference/codes.md lists them."
    raise Failure(WRONG_FLAGS, "unknown_code", f"There is no code {shortened(word)}. {hint}")


def described(code: Code) -> dict[str, Any]:
    """Return what is known of a code as a JSON object."""
    return {
        "code": code.name, "means": code.means, "what_to_do": code.advice,
        "where": [
            {"where": met.word, "sentence": met.sentence, "http_statuses": list(http),
             "exit_statuses": list(exits)}
            for met, http, exits in origins_of(code)
        ],
        "judged_again": is_judged_again(code),
    }


def show(screen: Screen, report: Mapping[str, Any]) -> None:
    """Write what is known of a code for people."""
    screen.say(f"{report['code']}: {report['means']}", "", report["what_to_do"], "")
    screen.say("Where it is met:")
    for each in report["where"]:
        statuses = [
            f"{name} {either(tuple(each[key]))}"
            for name, key in (("HTTP", "http_statuses"), ("exit status", "exit_statuses"))
            if each[key]
        ]
        ended = f" ({', '.join(statuses)})" if statuses else ""
        screen.say(f"- {each['sentence']}{ended}")
    if report["judged_again"] is not None:
        screen.say("", _AGAIN[report["judged_again"]])
