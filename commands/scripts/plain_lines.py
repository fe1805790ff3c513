"""Plain lines: commands that are read, checked and written in a few C calls.

A line is plain when nothing about it takes judgement: printable ASCII without escapes, each key
once, every value as its field takes it. All others, the wrong ones among them, are read with care
by :mod:`~stocktrail.commands.scripts.reading`; both ways are held equal by
``tests/commands/test_plain_lines.py``.

With its canonical form and both digests an order of three lines takes 8.7 instead of 23 us
(``python -m benchmarks.fast_paths "plain line"``, 2026-11-29).
"""

from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

import msgspec

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.plain_forms import PlainForm, has_plain_form

_BACKSLASH, _DELETE, _SPACE = b"\\\x7f "
_MARK = b'"'

_encode = msgspec.json.Encoder().encode


class PlainCommand(NamedTuple):
    """A command that was read in its plain form, and its canonical form.

    It is a struct that decisions take for the command; ``as_model`` makes a model of it.
    """

    command: Command
    body: bytes


def read_plain(line: bytes) -> PlainCommand | None:
    """Return the command of a plain line, ``None`` for a line that has to be read with care."""
    if not line.isascii() or _BACKSLASH in line or _DELETE in line:
        return None
    decode, forms = _plain_forms()
    try:
        written = decode(line)
        if _encode(written).count(_MARK) != line.count(_MARK):
            return None                  # of a key that stands twice only the last was read
        (command,) = forms[type(written)].read((written,))
    except (ValueError, RecursionError):
        return None
    if _has_white_space_at_end(command.id) or _has_white_space_at_end(command.group):
        return None
    written.id = written.group = None    # which are not kept
    body = _encode(written)
    if _SPACE in body and (b'" ' in body or b' "' in body):
        return None                      # as ids must not, and other texts rarely do
    return PlainCommand(command, body)


def _has_white_space_at_end(text: str | None) -> bool:
    return text is not None and text.strip() != text


@cache
def _plain_forms() -> tuple[Callable[[bytes], Any], dict[type, PlainForm]]:
    """Return what decodes a line of any command, and what reads the struct that it becomes.

    They are made when the first line is read, because it takes 40 ms.
    """
    forms = [PlainForm(model) for model in COMMANDS.values() if has_plain_form(model)]
    every = reduce(or_, (form.written for form in forms))
    return msgspec.json.Decoder(every).decode, {form.written: form for form in forms}
