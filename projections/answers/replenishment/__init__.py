"""What to replenish: what each item lacks, where it could come from, and who would deliver it."""
