"""Tests that read as scenes: given events, when a command, then events or a refusal."""
