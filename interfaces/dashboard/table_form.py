"""The form of a shop's own file: its bytes, what it holds, and what was said about its columns.

The file travels in one hidden field from its first look to its recording, packed, so that what is
recorded is what was tried.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Literal, NamedTuple, cast, get_args

from starlette.datastructures import FormData, UploadFile

from stocktrail.interfaces.importing.dates import DateOrder
from stocktrail.interfaces.importing.format_name import FormatName
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.service.problems import Problem

TableKind = Literal["stock", "orders", "purchase-orders", "count"]
"""What a file of a shop may hold."""

MOST_UNPACKED = 1 << 24
"""The largest file that a form may carry, in bytes."""

_COLUMN, _FOR_ALL = "column.", "all."
_LONGEST_TEXT = 200
_SWITCHES = ("add_up", "rest_is_nothing", "skip_wrong")


class TableForm(NamedTuple):
    """A file and what was said about it.

    ``columns`` are fields with the headings that were chosen for them, ``for_all`` fields with what
    holds for every row. ``opened`` and ``closed`` are further statuses of orders, with commas
    between; ``put_back`` is the source whose stock was counted without their units; ``counted_at``
    is when a count was taken, as it was written.
    """

    kind: TableKind
    name: str
    data: bytes
    format: FormatName | None = None
    columns: Mapping[str, str] = {}
    for_all: Mapping[str, str] = {}
    decimal: DecimalMark | None = None
    dates: DateOrder | None = None
    opened: str = ""
    closed: str = ""
    put_back: str = ""
    counted_at: str = ""
    add_up: bool = False
    rest_is_nothing: bool = False
    skip_wrong: bool = False

    @property
    def packed(self) -> str:
        """The file as the text of a form field."""
        return urlsafe_b64encode(zlib.compress(self.data, 6)).decode()

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The fields by which a form hands all of it on."""
        return [
            ("packed", self.packed), ("name", self.name), ("kind", self.kind),
            ("format", self.format or ""), ("decimal", self.decimal or ""),
            ("dates", self.dates or ""), ("opened", self.opened), ("closed", self.closed),
            ("put_back", self.put_back), ("counted_at", self.counted_at),
            *((name, "yes" if getattr(self, name) else "") for name in _SWITCHES),
            *((f"{_COLUMN}{field}", heading) for field, heading in self.columns.items()),
            *((f"{_FOR_ALL}{field}", value) for field, value in self.for_all.items()),
        ]

    @property
    def maps(self) -> tuple[str, ...]:
        """The chosen columns as ``--map`` has them."""
        return tuple(f"{heading}={field}" for field, heading in self.columns.items())

    @property
    def sets(self) -> tuple[str, ...]:
        """What holds for all rows as ``--set`` has it."""
        return tuple(f"{field}={value}" for field, value in self.for_all.items())


async def table_form(sent: FormData) -> TableForm | None:
    """Return the form that was sent, ``None`` without a file.

    Raises a problem ``invalid`` (422) for what no page sends.
    """
    upload = sent.get("file")
    if isinstance(upload, UploadFile) and upload.size:
        name, data = upload.filename or "file", await upload.read()
    elif isinstance(sent.get("packed"), str) and sent["packed"]:
        name, data = str(sent.get("name", "file")), _unpacked(str(sent["packed"]))
    else:
        return None
    return TableForm(
        cast(TableKind, _choice(sent, "kind", get_args(TableKind)) or "stock"),
        name[:200], data,
        cast("FormatName | None", _choice(sent, "format", get_args(FormatName))),
        _texts(sent, _COLUMN), _texts(sent, _FOR_ALL),
        cast("DecimalMark | None", _choice(sent, "decimal", ("point", "comma"))),
        cast("DateOrder | None", _choice(sent, "dates", ("day-first", "month-first"))),
        opened=_text(sent, "opened"), closed=_text(sent, "closed"),
        put_back=_text(sent, "put_back"), counted_at=_text(sent, "counted_at"),
        **{name: sent.get(name) == "yes" for name in _SWITCHES},
    )


def _unpacked(text: str) -> bytes:
    try:
        packed = zlib.decompressobj()
        data = packed.decompress(urlsafe_b64decode(text.encode()), MOST_UNPACKED)
    except (ValueError, zlib.error):
        raise _unreadable() from None
    if packed.unconsumed_tail:
        raise _unreadable()
    return data


def _choice(sent: FormData, name: str, choices: tuple[str, ...]) -> str | None:
    text = str(sent.get(name, ""))
    if text and text not in choices:
        raise _unreadable()
    return text or None


def _text(sent: FormData, name: str) -> str:
    return str(sent.get(name, "")).strip()[:_LONGEST_TEXT]


def _texts(sent: FormData, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): str(value).strip() for name, value in sent.multi_items()
        if name.startswith(prefix) and str(value).strip()
    }


def _unreadable() -> Problem:
    return Problem(
        422, "invalid", "This form cannot be read. Go back, load the page again, and send it once "
        "more.",
    )
