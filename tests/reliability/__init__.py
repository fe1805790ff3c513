"""The 29 tests that a trusted event store owes: as many rounds as one likes, counted and dated."""
