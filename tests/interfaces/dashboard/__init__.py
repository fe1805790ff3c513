"""Tests of the dashboard: by plain HTTP, and in a real browser."""
