"""What a version promised stays until the next major version: docs/stability.md says how."""
