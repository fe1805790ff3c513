"""Hash trees over the log, by which anybody can show that nothing in it was changed.

Two Merkle trees grow with every commit: one over the events, one over the outcomes of commands.
Their roots are stored in the head row and signed in checkpoints, which are kept outside the
database. ``tree`` and ``leaves`` are pure; the other modules read and write.
"""
