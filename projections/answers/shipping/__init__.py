"""What can ship now: the ready units of orders, the list of ready orders, and where to pick them.

Rules 4.5 and 4.6 are the source.
"""
