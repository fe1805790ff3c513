"""An import of orders as a whole: a file, what was said about it, and what came of reading it."""

from collections import Counter
from typing import NamedTuple

from stocktrail.interfaces.importing.dates import DateOrder
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.format_name import FormatName
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.orders.differences import OrderDifference
from stocktrail.interfaces.importing.plan import ImportPlan, digest_of
from stocktrail.interfaces.importing.table import ImportedTable
from stocktrail.interfaces.importing.table_file import read_table


class OrderFile(NamedTuple):
    """A file of orders, and what was said about it.

    ``format`` ``None`` lets the header say whose file it is; ``opened`` and ``closed`` are further
    statuses. ``put_back`` names the source whose stock was counted without the open units.
    """

    data: bytes
    name: str
    format: FormatName | None = None
    maps: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    decimal: DecimalMark | None = None
    dates: DateOrder | None = None
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    put_back: str | None = None

    @property
    def digest(self) -> str:
        """A digest of the file and of all that gives it its meaning."""
        return digest_of(self._replace(data=b"", name=""), self.data)

    @property
    def table(self) -> ImportedTable:
        """The rows of the file; raises ``BadFile`` where there are none."""
        return read_table(self.data, self.name, encoding=self.encoding, sheet=self.sheet)


class OrderImport(NamedTuple):
    """What was read of a file of orders, and what it would change in the ledger.

    ``called`` says whose orders they are. ``later_commands`` are those that tell what became of an
    order that the ledger has. ``open`` counts those of which something is to come,
    ``closed`` the others by why; ``differences`` are about those that the ledger has already.
    """

    layout: Layout
    called: str
    later_commands: str
    findings: Findings
    open: int
    closed: Counter[str]
    differences: list[OrderDifference]
    plan: ImportPlan
