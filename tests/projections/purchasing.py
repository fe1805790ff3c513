"""Words for scenes about who waits for what: days are counted from the tenth of March."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from stocktrail.commands.scripts.reading import Row
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.models.queues import load_queues
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.questions.backorders import View, backorders
from stocktrail.projections.questions.explain_promise import explain_promise
from stocktrail.projections.questions.purchase_order import purchase_order
from tests.projections.pegged_line_by_line import pegged_line_by_line, pegs_kept
from tests.projections.shop import Report, Shop

DAY_0 = date(2026, 3, 10)
NO_FILTERS = Filters()


def day(number: int) -> str:
    """Name a day: day 0, 1, 2 ..."""
    return (DAY_0 + timedelta(days=number)).isoformat()


def number_of(day: str | None) -> int | None:
    """Return which day a date is, ``None`` for no date."""
    return None if day is None else (date.fromisoformat(day) - DAY_0).days


class Purchasing(Shop):
    """A shop on a given day, with vendors and customers who wait."""

    today = 0

    def on_day(self, number: int) -> None:
        """Let another day come; nothing happens on it yet."""
        self.today = number

    def row(self, command: str, **fields: Any) -> Row:
        """Write a command that occurs today as a row of a script."""
        return super().row(command, **{"occurred_at": f"{day(self.today)}T09:00:00Z", **fields})

    def carry_none(self, sku: str) -> int:
        """Register an item that is carried, but of which nothing is there."""
        self.send("register-product", sku=sku)
        return self.send("count-stock", sku=sku, counted=0)

    def order_of(
        self, name: str, quantity: float, requested: int, *, sku: str = "A", **fields: Any
    ) -> int:
        """Place an order of one line; its customer has the same name."""
        line = {"sku": sku, "quantity": quantity, "requested_date": day(requested)}
        return self.send("place-order", order=name, lines=[line], **{"customer": name, **fields})

    def buy(
        self, name: str, quantity: float, expected: int, *, sku: str = "A", vendor: str = "Acme",
        **fields: Any,
    ) -> int:
        """Place a purchase order of one line."""
        line = {"sku": sku, "quantity": quantity, "expected_date": day(expected)}
        return self.send(
            "place-purchase-order", purchase_order=name, vendor=vendor, lines=[line], **fields
        )

    def delay(self, name: str, expected: int) -> int:
        """Let a vendor move a purchase order to another day."""
        return self.send(
            "delay-purchase-order", purchase_order=name, expected_date=day(expected),
            reason="strike",
        )

    def ask(
        self, by: View, filters: Filters = NO_FILTERS, *, today: int | None = None, **asked: Any
    ) -> list[Report]:
        """Ask for a backorder view."""
        rows: list[Report] = self.page(by, filters, today=today, **asked)["rows"]
        return rows

    def page(
        self, by: View, filters: Filters = NO_FILTERS, *, today: int | None = None, **asked: Any
    ) -> Report:
        """Ask for a page of a backorder view."""
        number = self.today if today is None else today
        return backorders(
            self.models, by, filters, today=DAY_0 + timedelta(days=number), **asked
        )

    def promised(self, today: int | None = None) -> dict[str, int | None]:
        """Say for which day each order's lines are promised; the last line's day."""
        return {
            row["order"]: number_of(row["promise_date"])
            for row in self.ask("customer", today=today)
        }

    def pegs(self, today: int | None = None) -> dict[str, list[tuple[float, str, int | None]]]:
        """Return what each order is pegged to: quantity, purchase order and day."""
        return {
            row["order"]: [
                (peg["quantity"], peg["purchase_order"], number_of(peg["ready_date"]))
                for peg in row["pegged_to"]
            ]
            for row in self.ask("customer", today=today)
        }

    def slips(self) -> list[tuple[str, int | None, int | None, int | None]]:
        """List every slip there was: the order, the days before and after, and by how many."""
        return [
            (row["order"], number_of(row["old_date"]), number_of(row["new_date"]), row["days"])
            for row in self.notices() if row["kind"] == "slip"
        ]

    def explain(self, name: str, line: int = 1) -> Report:
        """Ask why a line is promised what it is."""
        return explain_promise(
            self.models, name, line, today=DAY_0 + timedelta(days=self.today)
        )

    def purchase_order(self, name: str) -> Report:
        """Ask for a purchase order."""
        return purchase_order(self.models, name, today=DAY_0 + timedelta(days=self.today))

    def pegged_from_scratch(self, skus: Iterable[str]) -> bool:
        """Return whether pegging every queue anew, as stored, would change nothing."""
        with self.models.reading() as reading:
            settings = load_settings(reading.place, reading.cursor)
            return all(
                pegs_kept(queue) == pegged_line_by_line(queue, settings, queue.pegged_on or DAY_0)
                for queue in load_queues(reading.place, reading.cursor, list(skus)).values()
            )
