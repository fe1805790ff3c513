"""Tests of the log over HTTP, by real servers."""
