"""Deterministic simulation: the real ledger under seeded faults, compared with a plain shop.

Everything runs in one process under one scheduler and one clock: which thread goes on, what the
disk and the network do and when anything fails follows from a seed alone. A run that found
something is repeated by its seed.
"""
