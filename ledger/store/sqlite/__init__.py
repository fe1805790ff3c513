"""The ledger in SQLite: the persistence module is ``recorder``."""
