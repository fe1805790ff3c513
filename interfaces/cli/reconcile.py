"""Reconcile: a count from a file beside the ledger, before it is recorded."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, REFUSED, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.import_flags import (
    DatesFlag,
    FileArgument,
    TableFlags,
    bad_files_as_failures,
    moment_of,
    read_file,
)
from stocktrail.interfaces.cli.session import Session, SessionArgument

if TYPE_CHECKING:
    from stocktrail.interfaces.importing.counts.reconciliation import Reconciliation
    from stocktrail.interfaces.importing.run import PlanOutcome
    from stocktrail.projections.read_models import ReadModels


NO_FLAGS: TableFlags = TableFlags()


def reconcile(
    file: FileArgument,
    /,
    *,
    counted_at: Annotated[
        str | None,
        Parameter(
            help="When it was counted, in ISO 8601; what moved since is no difference. Default: "
            "now, or the column counted_at.",
            show_default=False,
        ),
    ] = None,
    map: Annotated[
        list[str] | None,
        Parameter(
            name="--map", negative=(), show_default=False,
            help='COLUMN=FIELD, as often as you like, as in "Art. no.=sku". Fields: sku, counted, '
            "source, counted_at, counted_by, reason.",
        ),
    ] = None,
    dates: DatesFlag = None,
    add_up: Annotated[
        bool,
        Parameter(
            help="Rows of one item and source are several shelves, and add up; without it they are "
            "refused.",
            negative=(), show_default=False,
        ),
    ] = False,
    rest_is_nothing: Annotated[
        bool,
        Parameter(
            help="What a counted source has by the ledger and no row counts was not found: 0.",
            negative=(), show_default=False,
        ),
    ] = False,
    recount: Annotated[
        bool,
        Parameter(
            help="Print a blind list, in CSV, of the items that differ: without any number, to be "
            "counted once more.",
            negative=(), show_default=False,
        ),
    ] = False,
    apply: Annotated[
        bool,
        Parameter(help="Record the counts.", negative=(), show_default=False),
    ] = False,
    flags: TableFlags = NO_FLAGS,
    session: SessionArgument,
) -> int:
    """Compare a count with the ledger: what differs, and what moved there since the last count.

    CSV or XLSX, a row an item: sku, counted, and source (default: default). Nothing is recorded
    without --apply; then each row is a count-stock, and the same file again changes nothing. A row
    without a number was not counted.

    Parameters
    ----------
    file
        The file, or - for standard input.
    """
    from stocktrail.interfaces.cli.import_views import print_commands
    from stocktrail.interfaces.cli.reconcile_views import (
        reconciliation_as_json,
        show_reconciliation,
    )
    from stocktrail.interfaces.cli.submit import bring_up_to_date
    from stocktrail.interfaces.importing.counts.count_list import CountFile
    from stocktrail.interfaces.importing.counts.reconciliation import reconciled
    from stocktrail.projections import ReadModels

    if flags.commands + apply + recount > 1:
        raise Failure(
            WRONG_FLAGS, "bad_flag", "Use one of --apply, --commands and --recount."
        )
    read = read_file(file)
    wanted = CountFile(
        read.data, read.name, tuple(map or ()), tuple(flags.set or ()),
        flags.decimal_mark, dates, flags.encoding, flags.sheet,
        moment_of(counted_at, "--counted-at"), add_up, rest_is_nothing,
    )
    with session.open_to_submit(dry_run=not apply) as ledger:
        models = ReadModels(ledger)
        models.catch_up()
        with bad_files_as_failures():
            found = reconciled(wanted, models)
        status = INVALID if found.findings.errors else REFUSED if found.refused else 0
        outcome = None
        if flags.commands:
            accepted = found.plan.without(each.planned for each in found.refused)
            return print_commands(
                session, accepted, found.findings, status=status, skip_wrong=flags.skip_wrong
            )
        if recount:
            return _print_blind_list(session, found, models)
        if apply and (flags.skip_wrong or not status):
            outcome = _record(found, models)
        if session.as_json:
            session.write_json(reconciliation_as_json(found, models, outcome))
        else:
            show_reconciliation(session, found, models, outcome, applies=apply)
        if outcome is not None:
            bring_up_to_date(ledger)
    return status


def _record(found: "Reconciliation", models: "ReadModels") -> "PlanOutcome":
    from stocktrail.commands.scripts.submission import submit
    from stocktrail.interfaces.importing.run import run_import

    return run_import(
        found.plan, lambda rows, tries: submit(models.ledger, rows, dry_run=tries),
        skip_refused=True,
    )


def _print_blind_list(session: Session, found: "Reconciliation", models: "ReadModels") -> int:
    """Print the items that differ as CSV to be filled in: what the ledger has is not told."""
    import csv
    import sys

    from stocktrail.interfaces.importing.counts.reconciliation import names_of

    names = names_of(models, [each.item.sku for each in found.differences])
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("sku", "name", "source", "counted"))
    for each in found.differences:
        writer.writerow((each.item.sku, names.get(each.item.sku), each.item.source, ""))
    return INVALID if found.findings.errors else 0
