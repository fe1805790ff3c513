"""The first row of a CSV: it names the fields of one command, and is judged once for all rows."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.validation_errors import escape_surrogates

BAD_HEADER = "bad_header"
"""The code of the only row that comes of a CSV whose first row is wrong."""

_COMMAND = "command"
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_MOST_NAMED = 10
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def fault_of(header: Sequence[str], model: type[Command]) -> str | None:
    """Return what is wrong with a first row, in one sentence with what to do; ``None``: nothing.

    It may name the command itself too.
    """
    if any(_NOT_TEXT.search(name) for name in header):
        return "The first row is not UTF-8: save the file as CSV in UTF-8. No row was read."
    for mark, words in _OTHER_SEPARATORS.items():
        if len(header) == 1 and mark in header[0]:
            return (
                f"The first row is one cell, {escape_surrogates(header[0])!r}: its fields are "
                f"separated by {words}. Separate them by commas."
            )
    faults = [_unknown(header, model), _missing(header, model), _repeated(header)]
    found = [fault for fault in faults if fault is not None]
    if not found:
        return None
    own = [name for name in model.model_fields if name not in Command.model_fields]
    return (
        f"The first row {', and '.join(found)}. The fields of {model.command} are "
        f"{', '.join(own)}, and those of every command ({', '.join(Command.model_fields)}). "
        "No row was read."
    )


def commands_of(header: Sequence[str]) -> list[str]:
    """Return the commands that rows under a header can be, with the fewest other fields first.

    >>> commands_of(["sku", "quantity"]), commands_of(["colour"])
    (['receive-stock'], [])
    """
    given = set(header)
    found = [name for name, model in COMMANDS.items() if fault_of(header, model) is None]
    return sorted(found, key=lambda name: len(COMMANDS[name].model_fields.keys() - given))


def _unknown(header: Sequence[str], model: type[Command]) -> str | None:
    fields = list(model.model_fields)
    unknown = [name for name in header if name not in fields and name != _COMMAND]
    if not unknown:
        return None
    meant = {name: get_close_matches(name.lower(), fields, 1) for name in unknown[:_MOST_NAMED]}
    listed = ", ".join(
        f"{escape_surrogates(name) or 'a field without a name'}"
        f"{f' (did you mean {close[0]}?)' if close else ''}"
        for name, close in meant.items()
    )
    more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
    return f"names {listed}{more}, which {model.command} does not have"


def _missing(header: Sequence[str], model: type[Command]) -> str | None:
    missing = [
        name for name, field in model.model_fields.items()
        if field.is_required() and name not in header
    ]
    return f"does not name {' and '.join(missing)}" if missing else None


def _repeated(header: Sequence[str]) -> str | None:
    twice = next((name for name in header if header.count(name) > 1), None)
    return None if twice is None else f"names {escape_surrogates(twice)} twice"
