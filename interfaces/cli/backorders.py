"""Questions about who waits: the backorder views, flows, promises and purchase orders."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from stocktrail.interfaces.cli.questions import (
    AsOf,
    OccurredAsOf,
    Pool,
    Today,
    instant_of,
    position_of,
    quantity_asked,
    today_of,
)
from stocktrail.interfaces.cli.session import Asked

if TYPE_CHECKING:
    from stocktrail.projections import ReadModels

_Only = Parameter(negative=(), show_default=False)


def backorders(
    *,
    by: Annotated[Literal["item", "customer", "vendor"], Parameter(help="Which view.")],
    cutoff: Annotated[
        str | None, Parameter(help="Only lines due before this day; what to order, too.")
    ] = None,
    item: Annotated[str | None, Parameter(help="Only this item.")] = None,
    customer: Annotated[str | None, Parameter(help="Only what this customer waits for.")] = None,
    vendor: Annotated[str | None, Parameter(help="Only what this vendor owes.")] = None,
    pool: Annotated[str | None, Parameter(help="Only what is sold in this pool.")] = None,
    source: Annotated[str | None, Parameter(help="Only what this source delivers or gets.")] = None,
    waiting: Annotated[bool, _Only, Parameter(help="Only where somebody waits.")] = False,
    overdue: Annotated[bool, _Only, Parameter(help="Only what rests on overdue receipts.")] = False,
    late: Annotated[bool, _Only, Parameter(
        help="Only what comes later than wanted, or lost the date that was told."
    )] = False,
    slipped: Annotated[bool, _Only, Parameter(help="Only what was put off.")] = False,
    uncertain: Annotated[
        bool, _Only, Parameter(help="Only promises that rest on overdue receipts.")
    ] = False,
    uncovered: Annotated[bool, _Only, Parameter(help="Only where more must be ordered.")] = False,
    sort: Annotated[
        str | None,
        Parameter(
            help="A column as --json names it; - before it turns the order around.",
            allow_leading_hyphen=True,
        ),
    ] = None,
    limit: Annotated[
        int | None, Parameter(help="At most so many lines. Default: 100.", show_default=False)
    ] = None,
    after: Annotated[
        str | None, Parameter(help="Go on after a page: its next.", allow_leading_hyphen=True)
    ] = None,
    today: Today = None,
    as_of: AsOf = None,
    occurred_as_of: OccurredAsOf = None,
    session: Asked,
) -> int:
    """Every open line: by item, by customer or by vendor.

    By item: what is short, what is to come, what to order or to chase. By customer: who waits for
    what until when. By vendor: what is owed, how late it is, and who waits for it.
    """
    from stocktrail.interfaces.cli.backorder_views import SHOW
    from stocktrail.projections.questions.backorders import Filters
    from stocktrail.projections.questions.backorders import backorders as report

    with session.read_models(caught_up=as_of is None) as models:
        filters = Filters(
            item=item, customer=customer, vendor=vendor, pool=pool, source=source,
            waiting=waiting, overdue=overdue, late=late, slipped=slipped, uncertain=uncertain,
            uncovered=uncovered, cutoff=day_named(models, cutoff),
        )
        found = report(
            models, by, filters, sort=sort, limit=limit, after=after,
            as_of=position_of(models, as_of),
            today=today_of(models, today, None if occurred_as_of else as_of),
            occurred_until=instant_of(models, occurred_as_of),
        )
    session.answer(found, SHOW[by])
    return 0


def day_named(models: "ReadModels", text: str | None) -> date | None:
    """Turn a day, such as that of ``--cutoff``, into a date."""
    from stocktrail.projections.as_of.moment import resolve_day

    return None if text is None else resolve_day(models.ledger, text)


def flow(
    sku: str, /, *, pool: Pool = "default", today: Today = None, as_of: AsOf = None, session: Asked
) -> int:
    """What is still to come and to go of an item, day by day.

    Parameters
    ----------
    sku
        The item.
    """
    from stocktrail.interfaces.cli.purchase_views import show_flow
    from stocktrail.projections.questions.flow import flow as report

    with session.read_models(caught_up=as_of is None) as models:
        found = report(
            models, sku, pool, as_of=position_of(models, as_of),
            today=today_of(models, today, as_of),
        )
    session.answer(found, show_flow)
    return 0


def promise(
    sku: str,
    /,
    *,
    quantity: Annotated[str, Parameter(help="How many units are asked for.")],
    pool: Pool = "default",
    today: Today = None,
    as_of: AsOf = None,
    session: Asked,
) -> int:
    """The first day on which a quantity can be promised.

    Parameters
    ----------
    sku
        The item.
    """
    from stocktrail.interfaces.cli.purchase_views import show_promise
    from stocktrail.projections.questions.promise import promise as report

    asked = quantity_asked(quantity)
    with session.read_models(caught_up=as_of is None) as models:
        found = report(
            models, sku, asked, pool, as_of=position_of(models, as_of),
            today=today_of(models, today, as_of),
        )
    session.answer(found, show_promise)
    return 0


def purchase_order(
    purchase_order_id: str, /, *, today: Today = None, as_of: AsOf = None, session: Asked
) -> int:
    """A purchase order with its lines: received, late, and who waits.

    Parameters
    ----------
    purchase_order_id
        The purchase order.
    """
    from stocktrail.interfaces.cli.purchase_views import show_purchase_order
    from stocktrail.projections.questions.purchase_order import purchase_order as report

    with session.read_models(caught_up=as_of is None) as models:
        found = report(
            models, purchase_order_id, as_of=position_of(models, as_of),
            today=today_of(models, today, as_of),
        )
    session.answer(found, show_purchase_order)
    return 0
