"""Folding: how commands of the log become rows of read models, batch by batch."""
