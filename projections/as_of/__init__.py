"""The past: what was known at an earlier position, or of what had happened by an earlier time.

Nothing is kept for it but the log itself. A question names the items that it touches; the streams
of those are folded up to the moment (from the newest snapshot before it), and the tables that the
question reads are filled with just these items, in a scratch database. So an answer takes as long
as what it is about, not as long as the log.
"""

from stocktrail.projections.as_of.by_occurred_time import OccurredPast
from stocktrail.projections.as_of.by_recorded_time import RecordedPast
from stocktrail.projections.as_of.facts import Past
from stocktrail.projections.as_of.scratch_tables import standing_place

__all__ = ["OccurredPast", "Past", "RecordedPast", "standing_place"]
