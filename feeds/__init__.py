"""Who is told: public events, the paged log, streams that never miss one, and a client.

Everything here reads the log in order of position, at least once, and can begin again anywhere.
Nothing is told before it is durable, and nothing here decides anything.
"""
