"""stocktrail: an inventory ledger in which every number explains itself."""
