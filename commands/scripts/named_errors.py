"""What is wrong with a command: of very many errors ten are named, and their number is told."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from pydantic import BaseModel, ValidationError

from stocktrail.ledger.refusal import MOST_NAMED

FieldError = dict[str, str]

_MANY = 1_000
"""Above so many errors not even a list of them is made."""


class NamedErrors(tuple[FieldError, ...]):
    """The first errors, each with ``pointer``, ``code`` and ``message``; ``total`` counts all."""

    total: int

    @classmethod
    def of(cls, errors: Iterable[FieldError], total: int | None = None) -> Self:
        """Return the first of some errors; there may be more than those given.

        >>> found = NamedErrors.of([{"message": str(number)} for number in range(12)])
        >>> len(found), found.total, found.sentence()
        (10, 12, '0 1 2 3 4 5 6 7 8 9 There are 2 more errors.')
        """
        every = tuple(errors)
        named = cls(every[:MOST_NAMED])
        named.total = len(every) if total is None else total
        return named

    def sentence(self) -> str:
        """Return all that is wrong in one line."""
        rest = self.total - len(self)
        more = [f"There {'is' if rest == 1 else 'are'} {rest:,} more error{'s' * (rest > 1)}."]
        return " ".join([*(each["message"] for each in self), *(more if rest else [])])


def named(errors: Sequence[FieldError]) -> NamedErrors:
    """Return errors with their number, also those that came without."""
    return errors if isinstance(errors, NamedErrors) else NamedErrors.of(errors)


def looked_at_again(
    error: ValidationError, model: type[BaseModel], given: Any
) -> ValidationError:
    """Return an error of the same command that names few of very many mistakes.

    Pydantic names all or none, and a million take seconds and gigabytes. So the command is judged
    again without most of its parts; where nothing is wrong with those that are left, the error is
    the one of before.
    """
    if error.error_count() <= _MANY:
        return error
    try:
        model.model_validate(_shortened(given, _names(model)))
    except ValidationError as fewer:
        return fewer
    return error


def _names(model: type[BaseModel]) -> set[str]:
    found: set[str] = set()
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        found.update(part.get("properties", ()))
    return found


def _shortened(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [_shortened(part, names) for part in value[:MOST_NAMED]]
    if not isinstance(value, dict):
        return value
    others = [key for key in value if key not in names][:MOST_NAMED]
    return {key: _shortened(part, names) for key, part in value.items()
            if key in names or key in others}
