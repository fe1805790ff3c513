"""The simulation itself: its parts alone, and that it finds what is put into the program."""
