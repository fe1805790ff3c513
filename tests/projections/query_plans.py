"""How SQLite answers the statements of a question: which rows it walks, and whether it sorts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from stocktrail.projections.read_models import Reading, ReadModels


class PlannedCursor:
    """A cursor that asks how each statement is answered before it runs it."""

    def __init__(self, cursor: Any, plans: list[str]) -> None:
        self._cursor, self._plans = cursor, plans

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, statement: str, parameters: Any = ()) -> Any:
        """Note the plan of a statement, and run it."""
        if statement.lstrip().startswith(("SELECT", "WITH")):
            self._cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            self._plans.extend(row["detail"] for row in self._cursor.fetchall())
        return self._cursor.execute(statement, parameters)


def plans_of(
    models: ReadModels, monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]
) -> list[str]:
    """Return the steps in which SQLite answers what a question reads of the read models."""
    plans: list[str] = []
    reading = models.reading

    @contextmanager
    def planned() -> Iterator[Reading]:
        with reading() as (place, cursor, position):
            yield Reading(place, PlannedCursor(cursor, plans), position)

    with monkeypatch.context() as patched:
        patched.setattr(models, "reading", planned)
        ask()
    return plans
