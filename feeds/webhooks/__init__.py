"""Webhooks: events sent to addresses that asked for them, signed, in order and at least once."""
