"""Text encodings: which one the bytes of a file are written in, found out and said.

A byte order mark decides. Without one the bytes are UTF-16 if every second one of them is NUL in
most places, UTF-8 if all of them can be, and else Windows-1252, of which Latin-1 is a part.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, lookup

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.remedies import NAME_ENCODING

_MARKS = (
    (BOM_UTF32_LE, "utf-32"), (BOM_UTF32_BE, "utf-32"), (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"),
)
_NAMES = {
    "utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16", "utf-32": "UTF-32", "cp1252": "Latin-1 (Windows-1252)",
    "iso8859-1": "Latin-1",
}
_LOOKED_AT = 4096
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


def decoded(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    r"""Return the text of a file, and what people call its encoding.

    Raises :class:`BadFile` for an ``encoding`` nobody knows (``unknown_encoding``), for bytes that
    are not in it, or in which two encodings are mixed (``bad_encoding``), and for what is no text.

    >>> decoded("Käse".encode("utf-16")), decoded(b"K\xe4se"), decoded(b"K\xc3\xa4se")
    (('Käse', 'UTF-16'), ('Käse', 'Latin-1 (Windows-1252)'), ('Käse', 'UTF-8'))
    """
    found = _named(encoding) if encoding else _found(data)
    try:
        text = data.decode(found)
    except UnicodeDecodeError as error:
        raise BadFile(
            "bad_encoding",
            f"The file is not {_NAMES.get(found, found)}: byte {error.start + 1:,} cannot be; "
            f"{NAME_ENCODING.said()}.",
        ) from None
    if "\x00" in text:
        raise BadFile(
            "not_a_table",
            "The file is not text: it holds NUL characters. Save it as CSV in UTF-8, or as XLSX.",
        )
    return text.removeprefix("\ufeff").rstrip("\x1a"), _NAMES.get(found, found)


def _named(encoding: str) -> str:
    try:
        return lookup(encoding).name
    except LookupError:
        raise BadFile(
            "unknown_encoding",
            f"There is no encoding {encoding[:60]!r}. Known are utf-8, utf-16, windows-1252, "
            "latin-1 and the others that Python knows.",
        ) from None


def _found(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    start = data[:_LOOKED_AT]
    for at, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(start) >= 2 and start[at::2].count(0) * 10 > len(start[at::2]) * 4:
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_mixture(data, error)
    else:
        return "utf-8"
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:           # five bytes mean nothing there
        return "iso8859-1"
    return "cp1252"


def _refuse_mixture(data: bytes, error: UnicodeDecodeError) -> None:
    """Raise for a file that is UTF-8 in most places: read otherwise, its letters would be garbled.

    A letter of Latin-1 is seldom followed by one that makes both a letter of UTF-8.
    """
    in_utf8 = sum(len(found) for found in _MULTIBYTE.findall(data))
    beyond = len(_BEYOND_ASCII.findall(data))
    if in_utf8 * 2 > beyond:
        line = data[: error.start].count(b"\n") + 1
        raise BadFile(
            "bad_encoding",
            f"The file is UTF-8, but not at byte {error.start + 1:,}, in line {line:,}. Mend that "
            f"line, or {NAME_ENCODING.said()}.",
        )
