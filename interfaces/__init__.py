"""How people and programs touch the ledger: thin doors that parse, call and present."""
