"""What a shop's own file would change, and changing it: one answer for every kind of file."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import Result
from stocktrail.interfaces.dashboard.table_form import TableForm, TableKind
from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.counts.count_list import FIELDS as COUNT_FIELDS
from stocktrail.interfaces.importing.counts.count_list import CountFile
from stocktrail.interfaces.importing.counts.reconciliation import ComparedCount, reconciled
from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.header import Layout, judge_header
from stocktrail.interfaces.importing.orders.differences import OrderDifference
from stocktrail.interfaces.importing.orders.import_purchases import plan_purchases_import
from stocktrail.interfaces.importing.orders.import_sales import plan_sales_import
from stocktrail.interfaces.importing.orders.layouts import FORMATS as ORDER_FORMATS
from stocktrail.interfaces.importing.orders.layouts import order_format_of
from stocktrail.interfaces.importing.orders.order_import import OrderFile
from stocktrail.interfaces.importing.orders.purchases import FIELDS as PURCHASE_FIELDS
from stocktrail.interfaces.importing.plan import ImportPlan, Planned
from stocktrail.interfaces.importing.remedies import read_on_a_page
from stocktrail.interfaces.importing.run import PlanOutcome, run_import
from stocktrail.interfaces.importing.stock.formats import FORMATS as STOCK_FORMATS
from stocktrail.interfaces.importing.stock.formats import format_of
from stocktrail.interfaces.importing.stock.import_stock import (
    StockFile,
    read_stock_file,
    stock_import_of,
)
from stocktrail.interfaces.importing.stock.stock_line import FIELDS as STOCK_FIELDS
from stocktrail.interfaces.importing.table import ImportedTable
from stocktrail.interfaces.importing.table_file import read_table
from stocktrail.ledger.instant import parse_moment
from stocktrail.projections.read_models import ReadModels

Submitted = Callable[[Iterable[Sequence[Row]], bool], Iterable[Result]]
"""Submits rows, as a dry run where the second argument says so."""


class KindOfTable(NamedTuple):
    """A kind of file: what people call it, and whether it is told apart whose file it is."""

    called: str
    has_formats: bool


KINDS: Mapping[TableKind, KindOfTable] = {
    "stock": KindOfTable("Items and what is on hand", has_formats=True),
    "orders": KindOfTable("Open orders", has_formats=True),
    "purchase-orders": KindOfTable("Open purchase orders", has_formats=False),
    "count": KindOfTable("A count", has_formats=False),
}


class TableImport(NamedTuple):
    """What was read of a file, and what it would change.

    ``about`` are sentences about the whole, ``compared`` the counts that differ.
    """

    layout: Layout
    called: str
    findings: Findings
    plan: ImportPlan
    about: list[str]
    differences: Sequence[OrderDifference] = ()
    compared: Sequence[ComparedCount] = ()


class TableOutcome(NamedTuple):
    """What became of a file, or would become of it; ``is_recorded`` that something was."""

    read: TableImport
    outcome: PlanOutcome
    is_recorded: bool

    @property
    def taken(self) -> list[Planned]:
        """What is recorded, or would be: without what is refused."""
        refused = (each.planned for each in self.outcome.refused)
        return list(self.read.plan.without(refused).planned)

    @property
    def counts(self) -> Counter[str]:
        """How many commands of each kind are recorded, or would be."""
        return Counter(each.what for each in self.taken)


@read_on_a_page()
def import_table(
    form: TableForm, models: ReadModels, submitted: Submitted, *, applies: bool
) -> TableOutcome:
    """Read a file, try it, and record it where that is asked for and nothing is wrong with it.

    Raises :class:`~stocktrail.interfaces.importing.bad_file.BadFile` for a file of which no row can
    be read.
    """
    read = _READERS[form.kind](form, models)
    if read.findings.errors and not form.skip_wrong:
        outcome = run_import(read.plan, submitted, dry_run=True)
        return TableOutcome(read, outcome, is_recorded=False)
    outcome = run_import(
        read.plan, submitted, dry_run=not applies, skip_refused=form.skip_wrong
    )
    return TableOutcome(read, outcome, not outcome.is_dry_run)


def layout_to_choose(form: TableForm) -> Layout | None:
    """Return the columns of a file to choose from, ``None`` where it has none that can be read."""
    try:
        table = read_table(form.data, form.name)
        if form.kind == "stock":
            fields = STOCK_FORMATS[form.format or format_of(table)].fields
        else:
            fields = assignable(form, table)
        return judge_header(table, fields, required=())
    except BadFile:
        return None


def assignable(form: TableForm, table: ImportedTable) -> Sequence[Field]:
    """Return what somebody may say that a column of the file is."""
    if form.kind == "count":
        return COUNT_FIELDS
    if form.kind == "purchase-orders":
        return PURCHASE_FIELDS
    if form.kind == "stock":
        return STOCK_FIELDS
    chosen = ORDER_FORMATS[form.format or order_format_of(table)]
    return [field for field in chosen.fields if field.name not in chosen.packed]


def _stock(form: TableForm, models: ReadModels) -> TableImport:
    read = read_stock_file(StockFile(
        form.data, form.name, form.format, form.maps, form.sets, form.decimal,
        adds_up=form.add_up,
    ))
    found = stock_import_of(read, models)
    return TableImport(
        found.layout, STOCK_FORMATS[found.format].called, found.findings, found.plan, []
    )


def _orders(form: TableForm, models: ReadModels) -> TableImport:
    file = OrderFile(
        form.data, form.name, form.format, form.maps, form.sets, form.decimal, form.dates,
        _words(form.opened), _words(form.closed), put_back=form.put_back or None,
    )
    plan = plan_sales_import if form.kind == "orders" else plan_purchases_import
    found = plan(file, models.ledger)
    closed = sum(found.closed.values())
    reasons = ", ".join(f"{reason} {number}" for reason, number in found.closed.most_common())
    about = [f"{found.open} open, {closed} closed{f' ({reasons})' if reasons else ''}."]
    if found.differences:
        about.append(
            f"An order is placed once: tell what became of it by {found.later_commands}."
        )
    return TableImport(
        found.layout, found.called, found.findings, found.plan, about, found.differences
    )


def _count(form: TableForm, models: ReadModels) -> TableImport:
    found = reconciled(CountFile(
        form.data, form.name, form.maps, form.sets, form.decimal, form.dates,
        counted_at=_moment(form.counted_at), add_up=form.add_up,
        rest_is_nothing=form.rest_is_nothing,
    ), models)
    about = [f"{len(found.compared)} compared, {len(found.differences)} different."]
    if found.uncounted:
        about.append(f"{len(found.uncounted)} items there were not counted, and stay as they are.")
    return TableImport(
        found.layout, "a count", found.findings, found.plan, about, compared=found.differences
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (word.strip() for word in text.split(","))))


def _moment(text: str) -> datetime | None:
    try:
        return parse_moment(text) if text else None
    except ValueError as error:
        raise BadFile("bad_moment", f"Counted at: {error}.") from None


_READERS: Mapping[TableKind, Callable[[TableForm, ReadModels], TableImport]] = {
    "stock": _stock, "orders": _orders, "purchase-orders": _orders, "count": _count,
}


def context_of(form: TableForm, layout: Layout | None) -> dict[str, Any]:
    """Return what the page shows to choose from."""
    if layout is None:
        return {"headings": [], "fields": []}
    return {
        "headings": [heading for heading in dict.fromkeys(layout.headings) if heading],
        "fields": [
            (field, form.columns.get(field.name) or layout.columns.get(field.name, ""),
             form.for_all.get(field.name, ""))
            for field in assignable(form, layout.table)
        ],
    }
