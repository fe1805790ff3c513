"""Import orders and purchase orders: what is still to come of them, from a shop's own file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, REFUSED
from stocktrail.interfaces.cli.import_flags import (
    DatesFlag,
    FileArgument,
    FormatFlag,
    ImportFlags,
    bad_files_as_failures,
    read_file,
)
from stocktrail.interfaces.cli.session import Session, SessionArgument
from stocktrail.interfaces.importing.format_name import FormatName

if TYPE_CHECKING:
    from stocktrail.interfaces.importing.orders.order_import import OrderFile, OrderImport
    from stocktrail.ledger.store import Ledger


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class OrderFlags(ImportFlags):
    """The flags of an import of orders, of either kind."""

    dates: DatesFlag = None
    open_status: Annotated[
        list[str] | None,
        Parameter(
            name="--open-status", negative=(), show_default=False,
            help="A status under which units are still to come; as often as you like.",
        ),
    ] = None
    closed_status: Annotated[
        list[str] | None,
        Parameter(
            name="--closed-status", negative=(), show_default=False,
            help="A status under which nothing is to come; as often as you like.",
        ),
    ] = None


NO_FLAGS: OrderFlags = OrderFlags()


def import_orders(
    file: FileArgument,
    /,
    *,
    format: FormatFlag = None,
    map: Annotated[
        list[str] | None,
        Parameter(
            name="--map", negative=(), show_default=False,
            help='COLUMN=FIELD, as often as you like, as in "Art. no.=sku". Fields: order, sku, '
            "quantity, shipped, cancelled, refunded, remaining, customer, name, email, "
            "unit_price, currency, placed, requested_date, line, status, pool, priority, "
            "ship_policy.",
        ),
    ] = None,
    put_back: Annotated[
        str | None,
        Parameter(
            help="A source whose stock was counted without the units of these orders, as "
            "WooCommerce's Stock is: they are put on hand there first.",
            show_default=False,
        ),
    ] = None,
    flags: OrderFlags = NO_FLAGS,
    session: SessionArgument,
) -> int:
    """Import the open orders of a shop's own file: what is still to be shipped of each.

    Shopify's orders, WooCommerce's and Adobe Commerce's (Magento's) with their lines, or any list
    with a row a line. What was shipped, cancelled or refunded is taken off; closed orders are left
    out. The same file again changes nothing, and what a later one says otherwise is told.

    Parameters
    ----------
    file
        The file, or - for standard input.
    """
    from stocktrail.interfaces.importing.orders.import_sales import plan_sales_import

    wanted = _file(file, format, map, flags)._replace(put_back=put_back)
    return _import(session, wanted, plan_sales_import, flags)


def import_purchase_orders(
    file: FileArgument,
    /,
    *,
    format: Annotated[
        Literal["csv"], Parameter(help="Any list, which is all there is.", show=False)
    ] = "csv",
    map: Annotated[
        list[str] | None,
        Parameter(
            name="--map", negative=(), show_default=False,
            help='COLUMN=FIELD, as often as you like, as in "Art. no.=sku". Fields: '
            "purchase_order, vendor, sku, quantity, received, cancelled, remaining, expected_date, "
            "source (where it is delivered), placed, line, status.",
        ),
    ] = None,
    flags: OrderFlags = NO_FLAGS,
    session: SessionArgument,
) -> int:
    """Import the open purchase orders of a list: what vendors still owe, and when it is expected.

    Any list with a row a line. What was received or cancelled is taken off; closed purchase orders
    are left out. The same file again changes nothing, and what a later one says otherwise is told.

    Parameters
    ----------
    file
        The file, or - for standard input.
    """
    from stocktrail.interfaces.importing.orders.import_purchases import plan_purchases_import

    return _import(session, _file(file, format, map, flags), plan_purchases_import, flags)


def _file(
    file: str, format: FormatName | None, maps: list[str] | None, flags: OrderFlags
) -> "OrderFile":
    from stocktrail.interfaces.importing.orders.order_import import OrderFile

    read = read_file(file)
    return OrderFile(
        read.data, read.name, format, tuple(maps or ()), tuple(flags.set or ()),
        flags.decimal_mark, flags.dates, tuple(flags.open_status or ()),
        tuple(flags.closed_status or ()), flags.encoding, flags.sheet,
    )


def _import(
    session: Session, file: "OrderFile", plan: Callable[["OrderFile", "Ledger"], "OrderImport"],
    flags: OrderFlags,
) -> int:
    from stocktrail.interfaces.cli.import_views import print_commands

    flags.require_one()
    with session.open_to_submit(dry_run=flags.dry_run or flags.commands) as ledger:
        with bad_files_as_failures():
            found = plan(file, ledger)
        status = INVALID if found.findings.errors else 0
        if flags.commands:
            return print_commands(
                session, found.plan, found.findings, status=status, skip_wrong=flags.skip_wrong
            )
        is_wrong = bool(status) and not flags.skip_wrong
        return max(status, _run(session, ledger, found, flags, is_wrong=is_wrong))


def _run(
    session: Session, ledger: "Ledger", found: "OrderImport", flags: OrderFlags, *, is_wrong: bool
) -> int:
    from stocktrail.commands.scripts.results import exit_status
    from stocktrail.commands.scripts.submission import submit
    from stocktrail.interfaces.cli.import_order_views import order_import_as_json, show_order_import
    from stocktrail.interfaces.cli.submit import bring_up_to_date
    from stocktrail.interfaces.importing.run import run_import

    outcome = None if is_wrong else run_import(
        found.plan, lambda rows, tries: submit(ledger, rows, dry_run=tries),
        dry_run=flags.dry_run, skip_refused=flags.skip_wrong,
    )
    if session.as_json:
        session.write_json(order_import_as_json(found, outcome))
    else:
        show_order_import(session, found, outcome)
    if outcome is not None and not outcome.is_dry_run:
        bring_up_to_date(ledger)
    status = 0 if outcome is None else exit_status(outcome.statuses)
    return max(status, REFUSED) if found.differences else status
