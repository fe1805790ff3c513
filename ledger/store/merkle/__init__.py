"""The seal: a hash tree over the log, by which anybody can show that nothing in it was changed.

Two trees grow with every commit: one over the events, one over what became of the commands. Their
roots stand in the head row and are signed in checkpoints, which are kept outside the database.
``tree`` and ``leaves`` are pure; the other modules read and write.
"""
