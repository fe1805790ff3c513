"""What is checked after every step: the log, its answers, the numbers and the copies of others."""
