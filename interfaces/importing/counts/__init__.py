"""Counts: what people found on the shelves, compared with the ledger before it is recorded."""
