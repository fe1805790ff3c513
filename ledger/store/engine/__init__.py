"""What decides and appends: the writer, group commit, the unit of work and the aggregate cache."""
