"""The header: judged once for the whole file, before any row is read.

It is the row among the first whose cells name the most columns that are asked for; titles above it
do not matter. A column is a field because its heading says so, or because somebody mapped it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.cells import text_of
from stocktrail.interfaces.importing.fields import Field, comparable, joined
from stocktrail.interfaces.importing.remedies import ABOUT_COLUMNS, CHOOSE_COLUMN
from stocktrail.interfaces.importing.table import ImportedTable, TableRow

_Spellings = Sequence[tuple[Callable[[str], str], Sequence[str]]]

_ROWS_LOOKED_AT = 20
_COLUMNS_NAMED = 40
_LIKE_A_HEADING, _LIKE_A_FIELD = 0.6, 0.8       # "counted" is not to be taken for "Committed"
_NUMBER = re.compile(r"-?\d*[.,]?\d+")


class Layout:
    """Which column of a table is which field.

    ``headings`` are the cells of the header, in row ``header_row``; ``places`` the places of each
    field's column in a row, of which there are several only where a heading stands twice;
    ``constants`` what holds for every row.
    """

    def __init__(
        self, table: ImportedTable, header: TableRow, fields: Mapping[str, Field],
        places: dict[str, tuple[int, ...]], constants: Mapping[str, str],
    ) -> None:
        self.table = table
        self.header_row: int = header.number
        self.headings: tuple[str, ...] = tuple(map(text_of, header.cells))
        self.fields: dict[str, Field] = dict(fields)
        self.places = places
        self.constants = constants

    def has(self, field: str) -> bool:
        """Return whether a column, or a constant, is this field."""
        return field in self.places or field in self.constants

    def heading(self, field: str) -> str:
        """Return how the file calls a field."""
        places = self.places.get(field)
        return self.headings[places[0]] if places else field

    def add(self, field: Field, place: int) -> None:
        """Let the column at a place be a field that only this file has."""
        self.fields[field.name] = field
        self.places[field.name] = (place,)

    @property
    def columns(self) -> dict[str, str]:
        """The fields that have a column, with its heading."""
        return {field: self.heading(field) for field in self.places}

    @property
    def ignored(self) -> list[str]:
        """The headings of the columns that are no field, in their order."""
        used = {place for places in self.places.values() for place in places}
        return [
            heading for place, heading in enumerate(self.headings) if heading and place not in used
        ]


def judge_header(
    table: ImportedTable, fields: Sequence[Field], *, maps: Iterable[str] = (),
    sets: Iterable[str] = (), required: Sequence[str] = ("sku",),
    assignable: Sequence[str] | None = None,
) -> Layout:
    """Find the header of a table, and which of its columns is which field.

    ``maps`` are texts COLUMN=FIELD, ``sets`` FIELD=VALUE for all rows; they may name the
    ``assignable`` fields, by default all. Raises :class:`BadFile`: ``bad_map``, ``bad_set``,
    ``unknown_field``, ``repeated_field``, ``unknown_column``, and ``missing_column`` for a
    ``required`` field that has none.
    """
    known = {field.name: field for field in fields}
    names = tuple(known if assignable is None else assignable)
    constants = _assigned(sets, "--set", "FIELD=VALUE", "source=berlin", names)
    mapped = {
        field: column for column, field in (
            _pair(text, "--map", "COLUMN=FIELD", "Article no.=sku", last=True) for text in maps
        ) if not _is_repeated(field, names, constants)
    }
    _require_each_once(maps, mapped)
    header = _find_header(table, fields, mapped.values())
    headings = [text_of(cell) for cell in header.cells]
    spellings = [
        (spelled, list(map(spelled, headings))) for spelled in (comparable, joined)
    ]
    places: dict[str, tuple[int, ...]] = {}
    for name, field in known.items():
        if name in constants:
            continue
        found = _places_of(spellings, (mapped[name],) if name in mapped else field.columns)
        if found:
            places[name] = found
        elif name in mapped:
            raise BadFile(
                "unknown_column",
                f"{ABOUT_COLUMNS.said()}{table.name} has no column {mapped[name][:60]!r}. "
                f"{_columns_there(table, header, mapped[name])}",
            )
    layout = Layout(table, header, known, _without_doubles(places, mapped), constants)
    for name in required:
        if not layout.has(name):
            raise BadFile(
                "missing_column",
                f"{table.name}: no column is the {name}. {CHOOSE_COLUMN.said(field=name)} "
                f"{_columns_there(table, header, name, _LIKE_A_FIELD)}{_hint_of_no_header(header)}",
            )
    return layout


def _places_of(spellings: _Spellings, columns: Sequence[str]) -> tuple[int, ...]:
    """Return the places of the first of some columns that a header has.

    One that is written in words goes before one whose words are joined, such as ``PurchaseOrder``.
    """
    for spelled, headings in spellings:
        for column in map(spelled, columns):
            if column in headings:
                return tuple(at for at, each in enumerate(headings) if each == column)
    return ()


def first_rows(table: ImportedTable) -> list[TableRow]:
    """Return the rows among which a header is looked for."""
    return list(islice(table.rows(), _ROWS_LOOKED_AT))


def is_signed(row: TableRow, signatures: Iterable[Sequence[str]]) -> bool:
    """Return whether a row has all headings of one of some sets that only a system's files have."""
    headings = {comparable(text_of(cell)) for cell in row.cells}
    return any(headings.issuperset(map(comparable, each)) for each in signatures)


def _find_header(table: ImportedTable, fields: Sequence[Field], mapped: Iterable[str]) -> TableRow:
    wanted = {joined(column) for field in fields for column in field.columns}
    wanted |= {joined(column) for column in mapped}
    rows = [row for row in first_rows(table) if row.error is None]
    if not rows:
        raise BadFile(
            "empty_file", f"{table.name} has no row that can be read as a header."
        )
    best, most_filled = rows[0], 0
    likeness = (-1, False, 0)
    for row in rows:
        found, is_all_words, filled = _likeness(row, wanted)
        if found == 1 and not is_all_words and most_filled > filled:
            found = 0                            # a wanted word that stands in some row of the list
        if (found, is_all_words, filled) > likeness:
            best, likeness = row, (found, is_all_words, filled)
        most_filled = max(most_filled, filled)
    return best


def _likeness(row: TableRow, wanted: set[str]) -> tuple[int, bool, int]:
    """Return how much a row is like a header.

    How many wanted headings stand in it; whether it has several cells and none is a number; and how
    many are filled: titles fill few.
    """
    texts = [text for text in map(text_of, row.cells) if text]
    found = set(map(joined, texts)) - {""}
    is_all_words = len(texts) > 1 and not any(map(_NUMBER.fullmatch, texts))
    return len(wanted & found), is_all_words, len(texts)


def _without_doubles(
    places: dict[str, tuple[int, ...]], mapped: Mapping[str, str]
) -> dict[str, tuple[int, ...]]:
    """Leave a column to the field that it was mapped to, not also to the one it is by itself."""
    taken = {place for name in mapped for place in places.get(name, ())}
    return {
        name: at for name, at in places.items() if name in mapped or not taken.intersection(at)
    }


_BAD = {"--map": "bad_map", "--set": "bad_set"}
"""The code of a flag that is not a pair."""


def _pair(text: str, flag: str, form: str, example: str, *, last: bool = False) -> tuple[str, str]:
    first, equals, second = text.rpartition("=") if last else text.partition("=")
    if not equals or not first.strip() or not second.strip():
        raise BadFile(
            _BAD[flag], f"{flag} {text[:60]!r}: write {form}, such as {flag} \"{example}\"."
        )
    return first.strip(), second.strip()


def _assigned(
    texts: Iterable[str], flag: str, form: str, example: str, names: Sequence[str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, value = _pair(text, flag, form, example)
        _is_repeated(name, names, found, flag)
        found[name] = value
    return found


def _is_repeated(
    name: str, names: Sequence[str], given: Mapping[str, str], flag: str = "--map"
) -> bool:
    """Return ``False``; raises for a field that there is not, or that was given already."""
    if name not in names:
        close = get_close_matches(name, names, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise BadFile(
            "unknown_field",
            f"{flag}: there is no field {name[:60]!r}.{hint} The fields are {', '.join(names)}.",
        )
    if name in given:
        raise BadFile(
            "repeated_field", f"{flag}: {name} was given already. Say once what it is."
        )
    return False


def _require_each_once(maps: Iterable[str], mapped: Mapping[str, str]) -> None:
    if len(list(maps)) > len(mapped):
        raise BadFile(
            "repeated_field", f"{ABOUT_COLUMNS.said()}each field has one column. Map it once."
        )


def _hint_of_no_header(header: TableRow) -> str:
    """Return what to do about a file without headings, where the best row for them holds numbers.

    Tables of databases are often saved without.
    """
    if not any(_NUMBER.fullmatch(text_of(cell)) for cell in header.cells):
        return ""
    return f" If row {header.number} holds no headings, put a row of them above it."


def _columns_there(
    table: ImportedTable, header: TableRow, wanted: str, like: float = _LIKE_A_HEADING
) -> str:
    """Return which columns a table has, after the one that is at least so like a wanted one."""
    headings = [text for text in map(text_of, header.cells) if text]
    shown = ", ".join(heading[:60] for heading in headings[:_COLUMNS_NAMED])
    more = f" and {len(headings) - _COLUMNS_NAMED:,} more" if len(headings) > _COLUMNS_NAMED else ""
    alike = [comparable(each) for each in headings]
    close = get_close_matches(comparable(wanted), alike, 1, cutoff=like)
    meant = next((each for each in headings if close and comparable(each) == close[0]), None)
    hint = f"Did you mean {meant}? " if meant else ""
    return f"{hint}Its columns, in row {header.number}, are {shown}{more}."
