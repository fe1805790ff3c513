"""Import stock: the items of a shop's own file, where they are, and how many there are."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID
from stocktrail.interfaces.cli.import_flags import (
    FileArgument,
    FormatFlag,
    ImportFlags,
    bad_files_as_failures,
    moment_of,
    read_file,
)
from stocktrail.interfaces.cli.progress import Progress
from stocktrail.interfaces.cli.session import Session, SessionArgument

if TYPE_CHECKING:
    from stocktrail.commands.scripts.reading import Row
    from stocktrail.commands.scripts.results import Result
    from stocktrail.interfaces.importing.stock.import_stock import StockImport
    from stocktrail.ledger.store import Ledger


NO_FLAGS: ImportFlags = ImportFlags()


def import_stock(
    file: FileArgument,
    /,
    *,
    format: FormatFlag = None,
    map: Annotated[
        list[str] | None,
        Parameter(
            name="--map", negative=(), show_default=False,
            help='COLUMN=FIELD, as often as you like, as in "Art. no.=sku". Fields: sku, name, '
            "source, quantity (what is on hand there), status, notify_below, "
            "out_of_stock_threshold, backorders, manage_stock, unit, decimal.",
        ),
    ] = None,
    occurred_at: Annotated[
        str | None,
        Parameter(
            help="When the file was true, in ISO 8601; what moved since stays. Default: now.",
            show_default=False,
        ),
    ] = None,
    add_up: Annotated[
        bool,
        Parameter(
            help="Add up the rows of an item at one source, as of shelves or lots.",
            negative=(), show_default=False,
        ),
    ] = False,
    flags: ImportFlags = NO_FLAGS,
    session: SessionArgument,
) -> int:
    """Import items and what is on hand, from a shop's own file.

    CSV, with commas, semicolons or tabs, or XLSX: Shopify's inventory or products, WooCommerce's
    products, Adobe Commerce's (Magento's) stock_sources or products, or any list. What is not known
    is registered, what is there is counted, and settings follow the file. The same file again
    changes nothing; numbers that the ledger no longer shows count again.

    Parameters
    ----------
    file
        The file, or - for standard input.
    """
    from stocktrail.interfaces.cli.import_views import print_commands
    from stocktrail.interfaces.importing.stock.import_stock import (
        StockFile,
        plan_stock_import,
        read_stock_file,
    )

    flags.require_one()
    read = read_file(file)
    wanted = StockFile(
        read.data, read.name, format, tuple(map or ()), tuple(flags.set or ()),
        flags.decimal_mark, flags.encoding, flags.sheet,
        moment_of(occurred_at, "--occurred-at"), add_up,
    )
    with bad_files_as_failures():
        reading = read_stock_file(wanted)
    with session.open_to_submit(dry_run=flags.dry_run or flags.commands) as ledger:
        found = plan_stock_import(reading, ledger)
        status = INVALID if found.findings.errors else 0
        if flags.commands:
            return print_commands(
                session, found.plan, found.findings, status=status, skip_wrong=flags.skip_wrong
            )
        is_wrong = bool(status) and not flags.skip_wrong
        return max(
            status, _run(session, ledger, found, dry_run=flags.dry_run, is_wrong=is_wrong)
        )


def _run(
    session: Session, ledger: "Ledger", found: "StockImport", *, dry_run: bool, is_wrong: bool
) -> int:
    from stocktrail.commands.scripts.results import exit_status
    from stocktrail.commands.scripts.submission import submit
    from stocktrail.interfaces.cli.import_views import (
        outcome_as_json,
        reading_as_json,
        show_changes,
        show_end,
        show_findings,
        show_reading,
    )
    from stocktrail.interfaces.cli.submit import bring_up_to_date
    from stocktrail.interfaces.importing.run import run_import
    from stocktrail.interfaces.importing.stock.formats import FORMATS
    from stocktrail.interfaces.importing.stock.stock_line import FIELD_NAMES

    def sent(rows: "Iterable[Sequence[Row]]", tries: bool) -> "Iterator[Result]":
        with Progress("Tried" if tries else "Recorded", unit="commands") as progress:
            for done, result in enumerate(submit(ledger, rows, dry_run=tries), start=1):
                progress.reach(done, len(found.plan))
                yield result

    outcome = None if is_wrong else run_import(found.plan, sent, dry_run=dry_run)
    if session.as_json:
        session.write_json(
            reading_as_json(found.layout) | {"format": found.format, "items": len(found.items)}
            | outcome_as_json(found.plan, found.findings, outcome)
        )
    else:
        show_reading(session, found.layout, FORMATS[found.format].called, FIELD_NAMES)
        show_changes(session, found.plan)
        show_findings(session, found.findings)
        show_end(session, found.plan, found.findings, outcome)
    if outcome is not None and outcome.is_recorded:
        bring_up_to_date(ledger)
    return 0 if outcome is None else exit_status(outcome.statuses)
