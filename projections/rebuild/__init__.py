"""Rebuild: every read model folded again from the log into shadow tables, and switched at once."""
