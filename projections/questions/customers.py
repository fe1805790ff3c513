"""The list of customers: who ordered or was registered, and what they wait for.

Their names are told, and searched, for those who may know who somebody is.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import Field

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.store.tables import Row, one_of
from stocktrail.projections.answers.customers import customers, names_of
from stocktrail.projections.answers.lists.definition import COUNT, TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import RowsInMemory
from stocktrail.projections.answers.shapes.shape import Shape
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.orders import ORDER
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import AsOf, Example, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels


class CustomerOfList(Shape):
    """A customer of the list; ``latest_order`` is the position of the order placed last."""

    customer: str
    name: str | None
    orders: int
    open_lines: int
    waiting_lines: int
    slipped_lines: int
    latest_order: int | None
    order: str | None
    placed_at: datetime | None
    open: bool
    waiting: bool
    slipped: bool
    registered: bool
    never_ordered: bool


class CustomersReport(ListReport):
    """A page of the list of customers."""

    rows: list[CustomerOfList]


class CustomerList(Listed, AsOf, Question[CustomersReport]):
    """Customers: how many orders each placed, and what they wait for.

    Their names are told where the scope `admin` allows to know them.
    """

    question: ClassVar[str] = "customers"
    is_personal: ClassVar[bool] = True
    example: ClassVar[Example] = {"limit": 1}
    definition: ClassVar[ListDefinition] = ListDefinition(
        "customers",
        key=("customer",),
        columns={
            "customer": TEXT, "orders": COUNT, "open_lines": COUNT, "waiting_lines": COUNT,
            "slipped_lines": COUNT, "latest_order": COUNT,
        },
        facets=("open", "waiting", "slipped", "registered", "never_ordered"),
        searched=("customer", "name"),
        totals=("orders", "open_lines", "waiting_lines", "slipped_lines"),
    )

    names: bool = Field(
        default=True, description="Tell and search their names too, where they may be known."
    )

    def seen_by(self, *, is_admin: bool) -> Self:
        """Return the question without names for whoever may not know who somebody is."""
        return self if is_admin else self.model_copy(update={"names": False})

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page."""
        wanted, ledger = self.wanted, models.ledger
        with open_as_of(models, self.position(models)) as (reading, past):
            position = reading.position if past is None else past.position
            is_searched = self.names and bool(wanted.search)
            searched = names_of(ledger, reading, position) if is_searched else {}
            rows = (
                row | {"name": searched.get(row["customer"])} for row in customers(reading, past)
            )

            def finish(found: Sequence[Row]) -> list[Mapping[str, Any]]:
                on_page = [row["customer"] for row in found]
                names = names_of(ledger, reading, position, on_page) if self.names else {}
                return [
                    row | {"name": names.get(row["customer"])}
                    for row in self._with_latest_orders(reading, found)
                ]

            return self.listed(RowsInMemory(wanted, rows), finish=finish, as_of=position)

    def _with_latest_orders(
        self, reading: Reading, rows: Sequence[Row]
    ) -> Iterator[dict[str, Any]]:
        """Add to the customers of a page which order each of them placed last, and when."""
        table, found = reading.place.table(ORDER), dict[tuple[str, int], Row]()
        latest = [row["latest_order"] for row in rows if row["latest_order"] is not None]
        placed_at = f"position IN ({', '.join(map(str, latest))})"
        for asked, named in one_of("customer", [row["customer"] for row in rows]) if latest else ():
            for order in table.rows(reading.cursor, f"WHERE {asked} AND {placed_at}", **named):
                found[order["customer"], order["position"]] = order
        for row in rows:
            order = found.get((row["customer"], row["latest_order"]), {})
            at = order.get("placed_at")
            yield self.definition.report_row(row) | {
                "order": order.get("order_id"), "placed_at": None if at is None else to_iso(at),
            }
