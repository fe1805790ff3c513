"""Searching the log: the rows that may hold the events of some types, or of some streams."""
