"""Purchase orders: what a vendor was asked for, and what arrives of it or never will.

The folder reads in one order: events, state, decisions.

Rule 5.1 is the source.
"""
