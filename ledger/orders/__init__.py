"""Orders: what a customer asked for, and what is shipped, cancelled and paid back of it.

The folder reads in one order: events, state, decisions.
"""
