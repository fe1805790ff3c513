"""Questions: what may still be sold, what is low, what became of an order, and how."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, Failure
from stocktrail.interfaces.cli.session import Asked

if TYPE_CHECKING:
    from datetime import date

    from stocktrail.projections import ReadModels

Pool = Annotated[str, Parameter(help="The pool it is sold from.")]
OccurredAsOf = Annotated[
    str | None,
    Parameter(
        help="A day (its end in the shop's time zone) or a time: only what had happened by it "
        "counts, also what was recorded later.", allow_leading_hyphen=True, show_default=False,
    ),
]
AsOf = Annotated[
    str | None,
    Parameter(
        help="A position (digits), a day (its end in the shop's time zone) or a recorded time in "
        "ISO 8601.",
        allow_leading_hyphen=True,
    ),
]

Today = Annotated[
    str | None,
    Parameter(
        help="The day that is today for promises. Default: the day of --as-of, else of the clock.",
        show_default=False,
    ),
]


def position_of(models: "ReadModels", as_of: str | None) -> int | None:
    """Turn ``--as-of`` into a position; ``None`` asks about now."""
    from stocktrail.projections.as_of.moment import resolve_as_of

    return None if as_of is None else resolve_as_of(models.ledger, as_of)


def instant_of(models: "ReadModels", occurred_as_of: str | None) -> int | None:
    """Turn ``--occurred-as-of`` into an instant; ``None`` asks about what was recorded."""
    from stocktrail.projections.as_of.moment import resolve_occurred

    return None if occurred_as_of is None else resolve_occurred(models.ledger, occurred_as_of)


def today_of(models: "ReadModels", today: str | None, as_of: str | None) -> "date | None":
    """Turn ``--today`` into a day; ``None`` leaves it to the position or the clock."""
    from stocktrail.projections.as_of.moment import resolve_today

    return resolve_today(models.ledger, today, as_of)


def quantity_asked(text: str) -> int:
    """Read ``--quantity``, in ten-thousandths. Raises a failure when it is no quantity above 0."""
    from stocktrail.ledger.quantity import parse_quantity

    try:
        asked = parse_quantity(text)
    except ValueError as error:
        raise Failure(INVALID, "bad_number", f"--quantity: {error}.") from None
    if asked <= 0:
        raise Failure(INVALID, "not_positive", "--quantity: must be more than 0.")
    return asked


def stock(
    sku: str | None = None,
    /,
    *,
    pool: Pool = "default",
    as_of: AsOf = None,
    occurred_as_of: OccurredAsOf = None,
    session: Asked,
) -> int:
    """What may still be sold, of one item or of all.

    Parameters
    ----------
    sku
        The item; without it, every item is listed.
    """
    from stocktrail.interfaces.cli import stock_views
    from stocktrail.projections.questions.stock import stock as report

    if sku is None:
        return _stock_of_all(pool, as_of, occurred_as_of, session)
    with session.read_models(caught_up=as_of is None) as models:
        until = instant_of(models, occurred_as_of)
        found = report(models, sku, pool, position_of(models, as_of), until)
    session.answer(found, stock_views.show_stock)
    return 0


def _stock_of_all(
    pool: str, as_of: str | None, occurred_as_of: str | None, session: Asked
) -> int:
    from stocktrail.interfaces.cli import stock_views
    from stocktrail.projections.questions.stock import stock_list

    with session.read_models(caught_up=as_of is None) as models:
        position = position_of(models, as_of)
        until = instant_of(models, occurred_as_of)
        report = page = stock_list(models, pool, position, occurred_until=until)
        while page["next"] is not None:
            page = stock_list(models, pool, position, page["next"], occurred_until=until)
            report["rows"] += page["rows"]
    report["next"] = None
    session.answer(report, stock_views.show_stock_list)
    return 0


def availability(
    sku: str,
    /,
    *,
    quantity: Annotated[str, Parameter(help="How many units are asked for.")],
    pool: Pool = "default",
    as_of: AsOf = None,
    session: Asked,
) -> int:
    """Would a quantity be accepted, what would wait, and why.

    Parameters
    ----------
    sku
        The item.
    """
    from stocktrail.interfaces.cli import stock_views
    from stocktrail.projections.questions.availability import availability as report

    asked = quantity_asked(quantity)
    with session.read_models(caught_up=as_of is None) as models:
        found = report(models, sku, asked, pool, position_of(models, as_of))
    session.answer(found, stock_views.show_availability)
    return 0


def low_stock(*, as_of: AsOf = None, session: Asked) -> int:
    """What is at or below its threshold now."""
    from stocktrail.interfaces.cli import stock_views
    from stocktrail.projections.questions.notices import low_stock as report

    with session.read_models(caught_up=as_of is None) as models:
        found = report(models, as_of=position_of(models, as_of))
    session.answer(found, stock_views.show_low_stock)
    return 0


def notices(*, as_of: AsOf = None, session: Asked) -> int:
    """Every notice ever raised: of low stock, and of promises that slipped."""
    from stocktrail.interfaces.cli.notice_views import show_notices
    from stocktrail.projections.questions.notices import notices as report

    with session.read_models(caught_up=as_of is None) as models:
        found = report(models, as_of=position_of(models, as_of))
    session.answer(found, show_notices)
    return 0


def order(
    order_id: str, /, *, today: Today = None, as_of: AsOf = None, session: Asked
) -> int:
    """An order with its lines: shipped, allocated, backordered, promised.

    Parameters
    ----------
    order_id
        The order.
    """
    from stocktrail.interfaces.cli.order_views import show_order
    from stocktrail.projections.questions.order import order as report

    with session.read_models(caught_up=as_of is None) as models:
        found = report(
            models, order_id, position_of(models, as_of), today_of(models, today, as_of)
        )
    session.answer(found, show_order)
    return 0


def history(
    sku: str,
    /,
    *,
    as_of: AsOf = None,
    occurred: Annotated[
        bool,
        Parameter(
            help="In the order in which it happened, not in which it was recorded.", negative=()
        ),
    ] = False,
    occurred_as_of: OccurredAsOf = None,
    session: Asked,
) -> int:
    """How the stock of an item came about, change by change.

    Parameters
    ----------
    sku
        The item.
    as_of
        A position (digits), a day (its end in the shop's time zone) or a time in ISO 8601:
        recorded, or with --occurred the time at which it happened.
    """
    from stocktrail.interfaces.cli.stock_views import show_history
    from stocktrail.projections.questions.history import history as report

    by_day = occurred and as_of is not None and not as_of.isdigit()
    with session.read_models() as models:
        if occurred_as_of is not None:
            found = report(
                models, sku, position_of(models, as_of), occurred=True,
                occurred_until=instant_of(models, occurred_as_of),
            )
        elif by_day:
            found = report(models, sku, occurred=True, occurred_until=instant_of(models, as_of))
        else:
            found = report(models, sku, position_of(models, as_of), occurred)
    session.answer(found, show_history)
    return 0
