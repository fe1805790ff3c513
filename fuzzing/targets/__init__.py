"""The targets, one reader of what comes from outside each."""
