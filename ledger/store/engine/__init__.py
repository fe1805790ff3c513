"""Deciding and appending: the writer, group commit, the unit of work and the aggregate cache."""
