"""How the three backorder views find their rows, and what the rows look like."""
