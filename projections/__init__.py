"""Read models: what follows from the log, and can be built again from it at any time.

Start at :class:`~stocktrail.projections.read_models.ReadModels`. One module holds one read model,
one module in :mod:`stocktrail.projections.questions` answers one question.
"""

from stocktrail.projections.read_models import ReadModels

__all__ = ["ReadModels"]
