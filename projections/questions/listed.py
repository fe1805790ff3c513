"""Questions whose answer is a list: searched, narrowed by facets, sorted, added up and paged.

A question that mixes in :class:`Listed` says what its list is made of (its ``definition``), finds
the rows, and gets the rest: fields, flags, counts, totals, cursors, columns to choose.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import Field, field_validator

from stocktrail.projections.answers.lists.definition import ListDefinition, WantedRows
from stocktrail.projections.answers.lists.parts import Finish, ListPart, list_report
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.questions.question import Paged, Report

MOST_SEARCHED = 1000
"""How many characters a search may have."""

_Name = Annotated[str, Field(min_length=1, max_length=100)]


class ListReport(Shape):
    """A page of a list: ``total``, ``facets`` and ``totals`` are those of the rows of all pages."""

    as_of: Position
    total: int
    facets: dict[str, int] = Field(
        description="Of how many of the rows found each facet is true besides."
    )
    totals: dict[str, Number] = Field(description="What columns of the rows found add up to.")
    next: str | None = Field(description="What to give as after for the next page.")


class Listed(Paged):
    """A question whose rows are searched, narrowed by facets, sorted, added up and paged."""

    q: Annotated[str, Field(max_length=MOST_SEARCHED, pattern=r"^[^\u0000]*$")] = Field(
        default="", description="Only rows that hold this text, in any case."
    )
    facets: Annotated[list[_Name], Field(max_length=50)] = Field(
        default=[], validation_alias="facet",
        description="Only rows of which all of these are true.",
    )
    sort: _Name | None = Field(
        default=None,
        description="A column of the rows, as JSON names it; - before it turns the order around.",
    )
    columns: Annotated[list[_Name], Field(max_length=100)] = Field(
        default=[], description="Only these columns, in this order."
    )
    definition: ClassVar[ListDefinition]

    @field_validator("facets", "columns", mode="before")
    @classmethod
    def _apart(cls, given: object) -> object:
        """Take names with commas between them too."""
        if not isinstance(given, (str, list)):
            return given
        texts = [given] if isinstance(given, str) else given
        parts: list[object] = []
        for each in texts:
            parts += each.split(",") if isinstance(each, str) else [each]
        return list(dict.fromkeys(
            part.strip() if isinstance(part, str) else part for part in parts
        ))

    @classmethod
    def row_type(cls) -> type[Shape]:
        """Return the shape of its rows."""
        (shape,) = get_args(cls.answer_type.model_fields[cls.table].annotation)
        found: type[Shape] = shape
        return found

    @property
    def wanted(self) -> WantedRows:
        """What is wanted of the list; refuses a facet, column or page that it does not have."""
        return self.definition.wanted(
            search=self.q, facets=self.facets, sort=self.sort, limit=self.limit, after=self.after
        )

    def listed(
        self, *parts: ListPart, as_of: int, finish: Finish | None = None, **more: Any
    ) -> Report:
        """Return the report of a page of all parts; ``more`` is said of the list besides.

        ``finish`` makes the rows of the page into those of the report: all at once, so that what
        is not sorted by is looked for on the page alone.
        """
        report = list_report(self.wanted, parts, finish)
        return {"as_of": as_of, **more, **report, "rows": self.chosen(report["rows"])}

    def chosen(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return rows of the report with the columns that are chosen, all if none is.

        Refuses columns that rows do not have (``unknown_column``).
        """
        self.require_columns(self.columns)
        if not self.columns:
            return list(rows)
        return [{name: row[name] for name in self.columns} for row in rows]

    def require_columns(self, names: Iterable[str]) -> None:
        """Refuse names of columns that rows do not have (``unknown_column``)."""
        for name in names:
            self.definition.require("column", name, tuple(self.row_type().model_fields))

    def table_header(self) -> tuple[str, ...]:
        """Return the columns that are chosen, all if none is."""
        return tuple(self.columns) or tuple(self.row_type().model_fields)

    def whole(self) -> Self:
        """Return the question about the same rows with all of their columns."""
        return self.model_copy(update={"columns": []})
