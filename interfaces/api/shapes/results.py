"""The shapes of what becomes of a command, and of what goes wrong."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from stocktrail.projections.answers.shapes.shape import Number, Position, Shape


class RecordedEventReport(Shape):
    """An event that a command led to."""

    position: Position
    type: str
    stream: str
    version: int
    occurred_at: datetime
    recorded_at: datetime
    command_id: str | None = None
    correlation_id: str | None = None
    actor: str | None = Field(default=None, description="Who sent the command, as it says.")
    credential: str | None = Field(
        default=None, description="The id of the token that the command was sent with."
    )
    data: dict[str, Any] = Field(description="The fields of the event.")


class FieldError(Shape):
    """A field that can never be right."""

    pointer: str = Field(description="A JSON pointer into the command.")
    code: str
    message: str


class LineChange(Shape):
    """A line whose allocated units would change."""

    order: str
    line: int
    customer: str | None
    sku: str | None
    before: Number
    after: Number
    change: Number


class PromiseMove(Shape):
    """A line whose promise would move."""

    order: str
    line: int
    customer: str | None
    sku: str
    quantity: Number
    old_date: str | None
    old_uncertain: bool
    new_date: str | None
    told_date: str | None
    known_date: str | None
    nobody_knows: bool
    notice: Literal["slip", "promise_found"] | None
    days: int | None
    uncertain: bool
    overdue_receipts: list[dict[str, Any]]
    cause: dict[str, Any]


class Preview(Shape):
    """What a dry run would do to who waits."""

    as_of: Position
    today: str | None
    gains: list[LineChange]
    loses: list[LineChange]
    slips: list[PromiseMove]
    moves: list[PromiseMove]


class FirstJudged(Shape):
    """When a refusal was judged that is only told again."""

    position: Position
    time: datetime | None = Field(description="Unknown where an earlier version refused.")


class ResultReport(Shape):
    """What became of one command."""

    line: int | None = Field(description="Its line in the input, from 1.")
    id: str | None = Field(description="Its idempotency key.")
    command: str | None
    status: Literal[
        "accepted", "duplicate", "rejected", "invalid", "conflict", "group_failed", "skipped"
    ]
    position: int | None = Field(description="Where the log stood afterwards.")
    dry_run: bool | None = None
    judged_at: int | None = None
    events: list[RecordedEventReport] | None = None
    messages: list[str] | None = None
    code: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None
    first_judged_at: FirstJudged | None = Field(
        None, description="Set when a refusal is told again: a new try needs a new id."
    )
    errors: list[FieldError] | None = None
    error_count: int | None = Field(None, description="How many there are, if not all are named.")
    preview: Preview | None = None


class ProblemReport(Shape):
    """What went wrong, by RFC 9457. The code is stable; the detail is for people."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    details: dict[str, Any] | None = None
    first_judged_at: FirstJudged | None = Field(
        None, description="Set when a refusal is told again: a new try needs a new id."
    )
    errors: list[dict[str, Any]] | None = None
    error_count: int | None = Field(None, description="How many there are, if not all are named.")
    result: ResultReport | None = Field(None, description="What became of a refused command.")
