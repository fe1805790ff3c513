"""Webhooks: events sent to subscribed URLs, signed, in order and at least once."""
