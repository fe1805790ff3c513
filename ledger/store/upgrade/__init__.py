"""Upgrade of logs of the former format, in which every event and every outcome was a row.

``former_rows`` reads them, ``command_rows`` makes rows of commands of them, and ``upgrading``
checks on the way that no byte was lost: the leaves that the former trees would have over the new
rows are those that were stored. The two databases, and the import of former exports, append what it
yields in one transaction.
"""
