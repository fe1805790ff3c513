"""The form of a group: what a page hands on from the dry run of several commands to their apply.

It travels in one hidden field, packed, because a thousand commands as plain JSON would be most of
the page and more than a form may hold.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.datastructures import FormData, UploadFile

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.strict_json import BadJson, DuplicateKey, parse_json
from stocktrail.interfaces.service.bodies import read_command
from stocktrail.interfaces.service.problems import Problem

MOST_IN_GROUP = 1_000
"""How many commands a group of the dashboard may hold."""

_MOST_BYTES = 1 << 22
_PAGES = ("/view/", "/?")


class GroupForm(NamedTuple):
    """Commands that are tried and applied together, and the page that shows them.

    ``back`` is the address of the page on which they were chosen, ``then`` that which is shown
    once they are applied. ``sent`` is what was filled in there, as the text of a form: Back brings
    it again, so that whoever changes one thing does not do what they had left out.
    """

    commands: tuple[Command, ...]
    title: str
    about: str
    back: str
    then: str
    sent: str = ""

    def filled_in(self) -> FormData:
        """Return what was filled in on the page on which the commands were chosen."""
        fields: list[tuple[str, UploadFile | str]] = [
            *parse_qsl(self.sent, keep_blank_values=True)
        ]
        return FormData(fields)

    def packed(self) -> str:
        """Return it as the text of a form field."""
        written = self._asdict() | {
            "commands": [orjson.Fragment(command.body()) for command in self.commands],
        }
        return urlsafe_b64encode(zlib.compress(orjson.dumps(written), 6)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Self:
        """Return the form that a field holds; raises a problem (422) when it holds none."""
        fields = _fields(text)
        rows = fields["commands"]
        if len(rows) > MOST_IN_GROUP:
            raise too_many(len(rows))
        commands = tuple(read_command(row, None, None) for row in rows)
        return cls(commands, **{name: fields[name] for name in cls._fields[1:]})


def written_form(sent: FormData) -> str:
    """Return what was filled in on a page as the text that :attr:`GroupForm.sent` holds."""
    return urlencode([
        (name, str(value)) for name, value in sent.multi_items() if name not in ("proof", "step")
    ])


def _fields(text: str) -> dict[str, Any]:
    try:
        unpacking = zlib.decompressobj()
        written = unpacking.decompress(urlsafe_b64decode(text.encode()), _MOST_BYTES)
        found = parse_json(written.decode())
    except (ValueError, zlib.error, BadJson, DuplicateKey):
        raise unreadable() from None
    if not isinstance(found, dict) or set(found) != set(GroupForm._fields):
        raise unreadable()
    rows, *texts = (found[name] for name in GroupForm._fields)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unreadable()
    if not all(isinstance(each, str) for each in texts):
        raise unreadable()
    if not all(found[name].startswith(_PAGES) or found[name] == "/" for name in ("back", "then")):
        raise unreadable()
    return found


def unreadable() -> Problem:
    """Return the problem of a form that no page made (422)."""
    return Problem(422, "invalid", "This form cannot be read. Go back, load the page again, and "
                   "send it once more.")


def nothing_chosen() -> Problem:
    """Return the problem with a group in which nothing is ticked."""
    return Problem(
        422, "nothing_chosen", "Nothing is ticked. Go back and tick what is to be done."
    )


def too_many(count: int) -> Problem:
    """Return the problem of a group that is too large (422)."""
    return Problem(422, "too_many_commands", f"{count:,} commands were chosen; at most "
                   f"{MOST_IN_GROUP:,} are done at a time. Choose fewer.")
