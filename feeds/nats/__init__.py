"""NATS JetStream: a stream that is always a gapless copy of the log."""
