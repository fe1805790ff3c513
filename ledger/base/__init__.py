"""The ground that aggregates stand on: events, their envelopes and the library's protocols.

Of the ``eventsourcing`` library only its domain layer is used, and only here.
"""
