"""What is true: the aggregates, their events, and the rules of salability and allocation.

Nothing in this package reads a clock, a file or a database (:mod:`stocktrail.ledger.store` alone
does), and nothing here imports the rest of the project. Time arrives as an argument.
"""
