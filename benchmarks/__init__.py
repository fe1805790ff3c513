"""Measurements: how fast things are, and how that grows."""
