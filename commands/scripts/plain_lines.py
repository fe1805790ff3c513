"""Plain lines: commands that are read, checked and written in a few C calls.

A line is plain when nothing about it takes judgement: printable ASCII without escapes, each key
once, every value as its field takes it. All others, the wrong ones among them, are read with care
by :mod:`~stocktrail.commands.scripts.reading`; both ways are held equal by
``tests/commands/test_plain_lines.py``.

With its canonical form and both digests an order of three lines takes 8.7 instead of 23 us
(``python -m benchmarks.fast_paths "plain line"``, 2026-11-29).
"""

import re
from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from typing import Any, cast

import msgspec
from msgspec.structs import force_setattr

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.plain_forms import BODY, PlainForm, has_plain_form

_BACKSLASH, _DELETE, _SPACE = b"\\\x7f "
_MARK = b'"'
_NAME = b'"command"'
_MARKS_OF_NAME = 4                       # those of the key and of the text, which a struct adds

_is_plain_id = re.compile(r"[!-~]([ -~]{0,126}[!-~])?").fullmatch
_encode = msgspec.json.Encoder().encode


def read_plain(
    line: bytes, name: str | None = None, command_id: str | None = None
) -> Command | None:
    """Return the command of a plain line, ``None`` for a line that has to be read with care.

    It is a struct that decisions take for the command, and that knows its canonical form;
    ``as_model`` makes a model of it. With a ``name`` the line is a body that names no command; a
    ``command_id`` was given beside it.
    """
    if not line.isascii() or _BACKSLASH in line or _DELETE in line:
        return None
    if name is not None and (_NAME in line or not has_plain_form(COMMANDS[name])):
        return None
    decode, forms = _plain_forms(name)
    try:
        written = decode(line)
        added = 0 if name is None else _MARKS_OF_NAME
        if _encode(written).count(_MARK) != line.count(_MARK) + added:
            return None                  # of a key that stands twice only the last was read
        (command,) = forms[type(written)].read((written,))
    except (ValueError, RecursionError):
        return None
    if _has_white_space_at_end(command.id) or _has_white_space_at_end(command.group):
        return None
    if command_id is not None and command.id != command_id:
        if command.id is not None or not _is_plain_id(command_id):
            return None
        force_setattr(command, "id", command_id)
    written.id = written.group = None    # which are not kept
    body = _encode(written)
    if _SPACE in body and (b'" ' in body or b' "' in body):
        return None                      # as ids must not, and other texts rarely do
    force_setattr(command, BODY, body)
    return cast(Command, command)


def _has_white_space_at_end(text: str | None) -> bool:
    return text is not None and text.strip() != text


@cache
def _plain_forms(name: str | None) -> tuple[Callable[[bytes], Any], dict[type, PlainForm]]:
    """Return what decodes a line of any command, or a body of one, and what reads the structs.

    Both are made when the first line is read, because it takes 40 ms; by one call, because threads
    may read their first lines at once.
    """
    models = COMMANDS.values() if name is None else [COMMANDS[name]]
    forms = [PlainForm(model) for model in models if has_plain_form(model)]
    every = reduce(or_, [form.written for form in forms])
    return msgspec.json.Decoder(every).decode, {form.written: form for form in forms}
