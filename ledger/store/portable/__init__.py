"""The portable log: exported as JSON Lines, imported into an identical ledger, and backed up.

What lies beside the log does not travel with an export: read models follow from it, and the
customers' keys, which open what was sealed, are written nowhere unless somebody asks for them.
"""
