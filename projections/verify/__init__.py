"""Verify: the log is whole, it folds by the rules, and read models are what follows from it."""
