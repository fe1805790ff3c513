"""The hash tree over the log, by which anybody can show that nothing in it was changed.

A Merkle tree grows with every commit: a leaf a row of ``commands``, in their order. Its root is
stored in the head row and signed in checkpoints, which are kept outside the database. ``tree`` and
``leaves`` are pure; the other modules read and write. Logs of an earlier format had two trees, over
events and over outcomes: ``former_leaves``, ``former_trees`` and ``former_proofs`` still verify
what was signed of them.
"""
