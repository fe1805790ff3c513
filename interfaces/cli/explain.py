"""Explain: why a number is what it is, from the events to the arithmetic."""

from typing import Annotated

from cyclopts import App, Parameter

from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.questions import AsOf, Pool, Today, position_of, today_of
from stocktrail.interfaces.cli.session import Asked
from stocktrail.interfaces.cli.wording import shortened

app = App(
    name="explain", help="Why a number is what it is: events, settings, arithmetic.",
    help_format="plaintext", result_action="return_value", version_flags=[],
)


@app.default
def what(*words: Annotated[str, Parameter(show=False)]) -> int:
    """Why a number is what it is: events, settings, arithmetic."""
    asked = f"There is no subcommand explain {shortened(words[0])}. " if words else ""
    raise Failure(
        WRONG_FLAGS, "unknown_subcommand" if words else "missing_subcommand",
        f"{asked}Say what to explain: explain stock SKU, explain order ID, or "
        "explain promise ORDER LINE.",
    )


@app.command
def stock(
    sku: str,
    /,
    *,
    pool: Pool = "default",
    as_of: AsOf = None,
    last: Annotated[int | None, Parameter(help="Show only so many of the latest events.")] = None,
    session: Asked,
) -> int:
    """Why an item's salable quantity is what it is.

    Parameters
    ----------
    sku
        The item.
    """
    from stocktrail.interfaces.cli.order_views import show_explanation
    from stocktrail.projections.questions.explain_stock import explain_stock

    with session.read_models(caught_up=as_of is None) as models:
        position = position_of(models, as_of)
        latest = None if last is None else max(last, 0)
        found = explain_stock(models, sku, pool, position, last=latest)
    session.answer(found, show_explanation)
    return 0


@app.command
def order(order_id: str, /, *, as_of: AsOf = None, session: Asked) -> int:
    """Why an order stands as it does.

    Parameters
    ----------
    order_id
        The order.
    """
    from stocktrail.interfaces.cli.order_views import show_explanation
    from stocktrail.projections.questions.explain_order import explain_order

    with session.read_models(caught_up=as_of is None) as models:
        found = explain_order(models, order_id, position_of(models, as_of))
    session.answer(found, show_explanation)
    return 0


@app.command
def promise(
    order_id: str, line: int, /, *, today: Today = None, as_of: AsOf = None, session: Asked
) -> int:
    """Why a line of an order is promised for its day.

    Parameters
    ----------
    order_id
        The order.
    line
        The number of the line.
    """
    from stocktrail.interfaces.cli.order_views import show_promise_explanation
    from stocktrail.projections.questions.explain_promise import explain_promise

    with session.read_models(caught_up=as_of is None) as models:
        found = explain_promise(
            models, order_id, line, as_of=position_of(models, as_of),
            today=today_of(models, today, as_of),
        )
    session.answer(found, show_promise_explanation)
    return 0
