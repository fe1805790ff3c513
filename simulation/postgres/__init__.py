"""A real PostgreSQL server behind a network that a seed makes unreliable.

The proxy reads the protocol message by message, and does to each connection what a plan says: the
plan knows the number of a connection and of a message, never the time, so a seed repeats it. Start
at :mod:`simulation.postgres.episode`.
"""
