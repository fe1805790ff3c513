"""What the owner of a shop would ask after two years: what sells, what is short, who waits."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.tables.low_stock import show_low_stock_rows
from stocktrail.interfaces.cli.tables.stock_list import show_stock_rows
from stocktrail.interfaces.cli.wording import count, moment

if TYPE_CHECKING:
    from stocktrail.interfaces.cli.screen import Screen
    from stocktrail.projections import ReadModels

_SHOWN = 8


def show_answers(models: "ReadModels", screen: "Screen") -> None:
    """Ask and answer, a few lines each."""
    from stocktrail.projections.questions.low_stock import low_stock
    from stocktrail.projections.questions.stock_list import stock_list

    items = stock_list(models)["rows"]
    screen.heading("2. What the owner wants to know")
    _what_may_be_sold(items, screen)
    _what_is_short(items, screen)
    _who_waits(models, screen)
    _what_is_low(low_stock(models)["rows"], screen)
    _why(models, screen)


def _what_may_be_sold(items: list[dict[str, Any]], screen: "Screen") -> None:
    best = sorted(items, key=lambda item: item["salable_quantity"], reverse=True)
    screen.heading(f"What may still be sold? The top of {count(len(items), 'item')}:")
    show_stock_rows(screen, best[:5])


def _what_is_short(items: list[dict[str, Any]], screen: "Screen") -> None:
    short = sorted(
        (item for item in items if item["backordered"] > 0), key=lambda item: -item["backordered"]
    )
    screen.heading(
        f"What is short? {count(len(short), 'item')} that customers wait for; the worst:"
    )
    show_stock_rows(screen, short[:_SHOWN])


def _who_waits(models: "ReadModels", screen: "Screen") -> None:
    waiting = sorted(_waiting_lines(models), key=lambda each: each[1]["requested_date"])
    customers = {order["customer"] for order, _ in waiting}
    screen.heading(
        f"Who waits? {count(len(waiting), 'line')} of {count(len(customers), 'customer')}; the "
        "first in time:"
    )
    screen.table(
        ("customer", "order", "placed", "item", "#ordered", "#allocated", "#waits for", "wanted"),
        [
            (
                order["customer"], order["order"], (moment(order["placed_at"]) or "")[:10],
                line["sku"], line["ordered"], line["allocated"], line["backordered"],
                line["requested_date"],
            )
            for order, line in waiting[:_SHOWN]
        ],
    )


def _waiting_lines(
    models: "ReadModels",
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    from stocktrail.projections.questions.order import order

    for stream in models.ledger.streams("order"):
        found = order(models, stream.partition("/")[2])
        for line in found["lines"]:
            if line["backordered"] > 0:
                yield found, line


def _what_is_low(rows: list[dict[str, Any]], screen: "Screen") -> None:
    screen.heading(f"What is low? {count(len(rows), 'item')} at or below the threshold; some:")
    show_low_stock_rows(screen, rows[:_SHOWN])


def _why(models: "ReadModels", screen: "Screen") -> None:
    from stocktrail.projections.questions.explain_stock import explain_stock

    why = explain_stock(models, "NW-31", last=3)
    screen.heading("And why is Gorgonzola Telino (NW-31) short?")
    screen.say(*why["sentences"])
