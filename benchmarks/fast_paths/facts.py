"""Events as msgspec structs, against the same as pydantic models, whose quantities stay units."""

from collections.abc import Iterator
from datetime import date

from pydantic import BaseModel

from benchmarks.fast_paths.timing import FastPath
from stocktrail.ledger.base.event import Fact
from stocktrail.ledger.stock.events import StockReserved
from stocktrail.ledger.written import WRITE

TIMES = 1000


class ReservedModel(BaseModel, frozen=True, extra="forbid"):
    """A :class:`StockReserved` as a model."""

    sku: str
    pool: str
    order: str
    line: int
    quantity: float
    allocated: float
    backordered: float
    priority: int
    requested_date: date


def fact_paths() -> Iterator[FastPath]:
    """Yield what events as structs save where they are made, written and read."""
    day = date(2026, 11, 30)

    def model() -> ReservedModel:
        return ReservedModel(
            sku="TEA", pool="default", order="SO-1", line=1, quantity=5, allocated=5, backordered=0,
            priority=5, requested_date=day,
        )

    def struct() -> StockReserved:
        return StockReserved(
            sku="TEA", pool="default", order="SO-1", line=1, quantity=50_000, allocated=50_000,
            backordered=0, priority=5, requested_date=day,
        )

    kept, fact = model(), struct()
    state = fact.to_json()
    yield FastPath("facts made", model, struct, 1, TIMES)
    yield FastPath(
        "facts written", lambda: kept.model_dump_json().encode(), fact.to_json, 1, TIMES
    )
    yield FastPath(
        "facts read", lambda: ReservedModel.model_validate_json(state),
        lambda: StockReserved.from_json(state), 1, TIMES,
    )
    yield FastPath(
        "facts converted field by field", lambda: Fact.converted(fact, WRITE),
        lambda: fact.converted(WRITE), 1, TIMES,
    )
