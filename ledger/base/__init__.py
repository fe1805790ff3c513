"""The base of every aggregate: events, their envelopes, and the protocols of the library.

Only the domain layer of the ``eventsourcing`` library is used, and only in this package.
"""
