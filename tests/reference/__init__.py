"""A second, plain telling of the domain rules, to compare the ledger with.

Written from the rules alone: dictionaries, decimals and exhaustive search instead of events and
flows. It is slow, remembers no history, and shares no code with the ledger.
"""
