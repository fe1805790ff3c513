"""The ledger as of an earlier moment, by transaction time or by valid time.

*Recorded* (transaction time): what the ledger knew at a position of the log. *Occurred* (valid
time): what had happened by an instant, whenever it was recorded. The log is the history; read
models lead into it: which lines were open and how they stood, how items were switched, what was
recorded late. A question names the items that it touches, the tables that it reads are filled with
their lines alone, in a scratch database. Items are put together from rows
(:mod:`stocktrail.projections.as_of.stocks_at`); those that are parked, one that is asked about
alone, and the settings are folded from their streams. The cost of an answer therefore depends on
the items it is about, not on the length of the log. Of all items at once only rows are read
(:mod:`stocktrail.projections.as_of.all_items`).

Rule 7.3 is the source.
"""

from stocktrail.projections.as_of.by_occurred_time import LedgerAsOccurred
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.as_of.scratch_tables import fill_scratch_tables

__all__ = ["LedgerAsOccurred", "LedgerAsOf", "LedgerAsRecorded", "fill_scratch_tables"]
