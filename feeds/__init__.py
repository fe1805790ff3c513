"""Feeds: public events, the paged log, streams that resume without a gap, and a client.

Every feed reads the log in order of position, at least once, and can resume anywhere. Nothing is
sent before it is durable, and nothing here makes decisions.
"""
