"""The portable log: exported as JSON Lines, imported into an identical ledger, and backed up.

An export contains the log alone: read models follow from it, and the customers' keys, which decrypt
personal fields, are only written on request.
"""
