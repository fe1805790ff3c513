"""The ledger as of an earlier moment, by transaction time or by valid time.

*Recorded* (transaction time): what the ledger knew at a position of the log. *Occurred* (valid
time): what had happened by an instant, whenever it was recorded. No history tables are kept: the
log is the history. A question names the items that it touches; their streams are folded up to the
moment, from the newest snapshot before it, and the tables that the question reads are filled with
these items alone, in a scratch database. The cost of an answer therefore depends on the items it is
about, not on the length of the log.

Rule 7.3 is the source.
"""

from stocktrail.projections.as_of.by_occurred_time import LedgerAsOccurred
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.as_of.scratch_tables import fill_scratch_tables

__all__ = ["LedgerAsOccurred", "LedgerAsOf", "LedgerAsRecorded", "fill_scratch_tables"]
