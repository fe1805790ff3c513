"""Scripts of commands: read, grouped and submitted, from files and from concurrent callers."""
