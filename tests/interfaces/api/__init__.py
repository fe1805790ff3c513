"""Tests of the HTTP API: real servers, real requests."""
