"""Questions about what others were told of the log: a module each, named as the question is."""
