"""Tables beside the log: access tokens, customer keys, and the position of each read model."""
