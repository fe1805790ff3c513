"""Read models: what follows from the log, and can be rebuilt from it at any time.

Start at :class:`~stocktrail.projections.read_models.ReadModels`. Each module of
:mod:`stocktrail.projections.models` is a read model, each of
:mod:`stocktrail.projections.questions` a question.
"""

from stocktrail.projections.read_models import ReadModels

__all__ = ["ReadModels"]
