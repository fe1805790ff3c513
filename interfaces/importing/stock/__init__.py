"""Importing stock: the items of a shop, where they are, and how many there are."""
