"""Replay: how numbers came to be, and what changed between two moments, event by event."""
