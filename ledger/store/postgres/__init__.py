"""The ledger in PostgreSQL: the persistence module is ``recorder``."""
