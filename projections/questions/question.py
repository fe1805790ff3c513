"""What every question has: its name, its address, its fields and the shape of its answer.

A question is a pydantic model, as a command is one. It is the single source of the flags of the
command line, the query of HTTP, the OpenAPI operation, the header of CSV, the page of the reference
and of ``shop.ask``. Beside its fields stands ``answer``, which asks the read models. What several
questions have in common (:class:`AsOf`, :class:`InPool`, :class:`Paged`, ...) is mixed in.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import wraps
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from pydantic import BaseModel, ConfigDict, Field

from stocktrail.ledger.quantity import parse_quantity
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.projections.answers.shapes.shape import Shape
from stocktrail.projections.answers.sorted_page import DEFAULT_LIMIT
from stocktrail.projections.as_of.moment import resolve_as_of, resolve_occurred, resolve_today
from stocktrail.projections.questions.fields import Moment, PoolId, Quantity, as_text, kind_of_id
from stocktrail.projections.read_models import ReadModels
from stocktrail.projections.spelling import spelling_in

Report = dict[str, Any]
"""An answer as a JSON object: quantities are numbers of units, money is text."""

Example = Mapping[str, str | int]
"""The fields of a question that is asked of the shop of the examples."""

Scope = Literal["read", "admin"]

A = TypeVar("A", bound=Shape)
Q = TypeVar("Q", bound="Question[Any]")


class Question(BaseModel, Generic[A]):
    """A question about the ledger; ``A`` is the shape of its answer."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, defer_build=True
    )

    question: ClassVar[str]
    """Its name, such as ``low-stock``; its module is named so, with ``_`` for ``-``."""

    address: ClassVar[str | None]
    """Where HTTP asks it, with its path fields in braces; ``None``: it is not asked over HTTP.

    Unless a question says otherwise it is its name, and then what it is about.
    """

    is_listed: ClassVar[bool] = True
    """Whether it is a subcommand; else only pages of the dashboard and Python ask it."""

    tag: ClassVar[str] = "questions"
    """The heading under which the description of the API lists it."""

    scope: ClassVar[Scope] = "read"
    """What a token must allow for whoever asks it over HTTP."""

    is_personal: ClassVar[bool] = False
    """Whether the answer says who somebody is, so that nobody on the way may keep it."""

    example: ClassVar[Example] = {}
    """What the description of the API asks it with, of the shop of the examples."""

    table: ClassVar[str] = "rows"
    """The list of its answer that is shown as a table, in CSV for one."""

    answer_type: ClassVar[type[Shape]]
    """The shape of its answer."""

    _ids: ClassVar[Mapping[str, str]] = {}
    """What each of its ids is an id of, such as ``stock``, by the name of the field."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        for base in cls.__bases__:
            generic = getattr(base, "__pydantic_generic_metadata__", {})
            if generic.get("origin") is Question:
                (cls.answer_type,) = generic["args"]
        if "question" in cls.__dict__ and "address" not in cls.__dict__:
            cls.address = "/".join(["", cls.question, *(f"{{{name}}}" for name in cls.about())])

        kinds = {name: kind_of_id(field) for name, field in cls.model_fields.items()}
        cls._ids = {name: kind for name, kind in kinds.items() if kind is not None}
        if "answer" in cls.__dict__:
            type.__setattr__(cls, "answer", _with_known_ids(cls.answer))

    @abstractmethod
    def answer(self, models: ReadModels) -> Report:
        """Find the answer, or raise a refusal that says why there is none.

        When it is called, ids have the spelling in which the ledger knows them.
        """

    def ask(self, models: ReadModels) -> A:
        """Answer as an object with typed fields; :meth:`answer` says what is refused."""
        whole = self.whole()
        found: Any = self.answer_type.model_validate(whole.in_full(whole.answer(models)))
        answered: A = found
        return answered

    def whole(self) -> Self:
        """Return the question whose answer has the shape of its answers, with nothing left out."""
        return self

    def rows_in_all(self, models: ReadModels) -> int | None:
        """Return how many rows all pages have where the answer does not say; ``None``: unknown."""
        return None

    def in_full(self, report: Report) -> Report:
        """Return a report with what only a page says of itself."""
        return report

    def seen_by(self, *, is_admin: bool) -> Self:
        """Return the question as whoever asks over HTTP may ask it, within the scope of a token.

        A question that may tell who somebody is leaves that out where ``is_admin`` is false.
        """
        return self

    def in_known_spelling(self, ledger: Ledger) -> Self:
        """Return the question with its ids in the Unicode form in which the ledger knows them."""
        given = ((name, kind, getattr(self, name)) for name, kind in self._ids.items())
        found = {
            name: spelling_in(ledger, kind, text) for name, kind, text in given
            if text is not None and not text.isascii()
        }
        return self.model_copy(update=found) if found else self

    @property
    def is_past(self) -> bool:
        """Whether an earlier moment is asked about, which may have to be folded from the log."""
        return False

    @property
    def needs_caught_up(self) -> bool:
        """Whether the read models must have caught up with the log before it is answered."""
        return True

    def position(self, models: ReadModels) -> int | None:
        """Return the position that is asked about, ``None`` for now."""
        return None

    @classmethod
    def about(cls) -> tuple[str, ...]:
        """Return the fields that say what it is about: ids and whole numbers that must be given."""
        return tuple(
            name for name, field in cls.model_fields.items()
            if field.is_required() and (
                field.annotation is int or kind_of_id(field) is not None
            )
        )

    @classmethod
    def header(cls) -> tuple[str, ...]:
        """Return the columns of its table: the fields of its rows, of each kind of row once.

        An answer without such a list is a table of one row itself.
        """
        rows = cls.answer_type.model_fields.get(cls.table)
        if rows is None:
            return tuple(cls.answer_type.model_fields)
        names = (name for shape in _shapes_in(rows.annotation) for name in shape.model_fields)
        return tuple(dict.fromkeys(names))

    def table_header(self) -> tuple[str, ...]:
        """Return the columns of the table of its answer, as it is asked."""
        return self.header()

    def table_rows(self, report: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Return the rows of the table of its answer: its list, else the answer itself."""
        rows: Iterable[Mapping[str, Any]] = report.get(self.table, (report,))
        return rows


def _with_known_ids(
    answer: Callable[[Q, ReadModels], Report]
) -> Callable[[Q, ReadModels], Report]:
    @wraps(answer)
    def answer_in_known_spelling(question: Q, models: ReadModels) -> Report:
        return answer(question.in_known_spelling(models.ledger), models)

    return answer_in_known_spelling


def _shapes_in(annotation: Any) -> Iterator[type[Shape]]:
    """Find the shapes that a list of rows holds."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        yield annotation
    elif get_origin(annotation) in (list, Union, UnionType, Annotated):
        for part in get_args(annotation):
            yield from _shapes_in(part)


class _Mixin(BaseModel):
    """Fields that several questions have in common; alone it is no question."""

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True)


class AsOf(_Mixin):
    """A question that can be asked about an earlier moment."""

    as_of: Moment | None = Field(
        default=None,
        description="A position (digits), a day (its end in the shop's time zone) or a recorded "
        "time in ISO 8601.",
    )

    @property
    def is_past(self) -> bool:
        """Whether an earlier moment is asked about."""
        return self.as_of is not None

    @property
    def needs_caught_up(self) -> bool:
        """Whether now is asked about: an earlier moment is folded from the log."""
        return self.as_of is None

    def position(self, models: ReadModels) -> int | None:
        """Return the position that is asked about, ``None`` for now.

        Refuses one that the log has not reached (``unknown_position``), and what is no moment
        (``bad_moment``).
        """
        return None if self.as_of is None else resolve_as_of(models.ledger, as_text(self.as_of))


class OccurredAsOf(AsOf):
    """A question that can be asked by the trade's clock too: of what had happened by a time."""

    occurred_as_of: Moment | None = Field(
        default=None,
        description="A day (its end in the shop's time zone) or a time in ISO 8601: only what had "
        "happened by it counts, also what was recorded later.",
    )

    @property
    def is_past(self) -> bool:
        """Whether an earlier moment is asked about, by either clock."""
        return super().is_past or self.occurred_as_of is not None

    def until(self, models: ReadModels) -> int | None:
        """Return the instant by which things must have happened, ``None`` for whenever.

        Refuses what is no moment (``bad_moment``).
        """
        moment = self.occurred_as_of
        return None if moment is None else resolve_occurred(models.ledger, as_text(moment))


class Today(AsOf):
    """A question about promises, which depend on what day it is."""

    today: Moment | None = Field(
        default=None,
        description="The day that is today for promises. Default: the day of `as_of`, else of the "
        "clock.",
    )

    def day(self, models: ReadModels) -> date | None:
        """Return the day that is today, ``None`` to leave it to the moment or the clock.

        Refuses what is no day (``bad_moment``).
        """
        today = None if self.today is None else as_text(self.today)
        return resolve_today(
            models.ledger, today, None if self.as_of is None else as_text(self.as_of)
        )


class InPool(_Mixin):
    """A question about what is sold in a pool."""

    pool: PoolId = Field(default="default", description="The pool it is sold from.")


class OfQuantity(_Mixin):
    """A question about a quantity of an item."""

    quantity: Quantity = Field(description="How many units are asked for.")

    def units(self) -> int:
        """Return the quantity in ten-thousandths. Refuses one that is not above 0."""
        asked = parse_quantity(self.quantity)
        if asked <= 0:
            raise Refusal("not_positive", "quantity: must be more than 0.")
        return asked


class Paged(_Mixin):
    """A question whose rows come a page at a time where a limit is given, else all at once.

    On the command line people see a page unless they ask for ``--all``, and programs get all rows,
    streamed; over HTTP there are pages only.
    """

    limit: int | None = Field(default=None, ge=1, le=10_000, description="At most so many rows.")
    after: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        default=None, description="Go on after a page: its next."
    )
    answer_type: ClassVar[type[Shape]]
    table: ClassVar[str]

    lists_all: ClassVar[bool] = True
    """Whether it lists all rows where no limit is given."""

    def in_full(self, report: Report) -> Report:
        """Return a report with what only a page says of itself: all rows are one page too."""
        whole = {"total": len(report[self.table]), "next": None}
        fields = self.answer_type.model_fields
        return {name: value for name, value in whole.items() if name in fields} | report


class InPages(Paged):
    """A question with so many rows that even a program gets one page unless it asks for more."""

    limit: int | None = Field(
        default=None, ge=1, le=10_000,
        description=f"At most so many rows. Default: {DEFAULT_LIMIT}.",
    )
    lists_all: ClassVar[bool] = False


class LatestEventsFirst(_Mixin):
    """A question that tells what happened: the latest events unless others are asked for."""

    last: int | None = Field(
        default=100, ge=0, le=1_000_000, description="Only so many of the latest events."
    )
    before: int | None = Field(
        default=None, ge=1, le=10**15,
        description="Only events before this position: what `next` said leads to earlier ones.",
    )


class LatestFirst(_Mixin):
    """A question whose rows are listed the latest first, a page at a time."""

    before: int | None = Field(
        default=None, ge=0, le=10**15, description="The next page: what `next` said."
    )
