"""The past: what was known at an earlier position, or of what had happened by an earlier time.

Nothing is kept for it but the log itself. A question names the items that it touches; the streams
of those are folded up to the moment (from the newest snapshot before it), and the tables that the
question reads are filled with just these items, in a scratch database. So an answer takes as long
as what it is about, not as long as the log.
"""

from projections.past.facts import Past
from projections.past.occurred import OccurredPast
from projections.past.place import standing_place
from projections.past.recorded import RecordedPast

__all__ = ["OccurredPast", "Past", "RecordedPast", "standing_place"]
