"""Parquet: the ledger as files for data tools, each a table with typed columns.

The library that writes them, ``pyarrow``, is the optional dependency ``stocktrail[parquet]``.
"""
