"""Fuzzing of everything that reads what comes from outside, guided by coverage."""
