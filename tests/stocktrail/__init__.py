"""The door: what an application that embeds stocktrail uses."""
