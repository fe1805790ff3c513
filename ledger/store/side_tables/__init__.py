"""Tables beside the log: access tokens, customer keys, and how far each read model has come."""
