"""Importing: from the rows of a shop's own file to commands of the ledger.

A table is read (:mod:`.table`), its header judged once (:mod:`.header`), each row read by what its
columns are (:mod:`.records`). What the rows ask for beyond what the ledger shows already becomes a
plan (:mod:`.plan`), which is tried as a whole before it is recorded (:mod:`.run`).
"""
