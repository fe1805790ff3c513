"""Questions: a file each, named as the question is; :mod:`.question` holds what all of them have.

A file holds the shape of the answer, the question with its fields, and what finds the answer. What
several answers are made of lies in :mod:`stocktrail.projections.answers`.
"""
