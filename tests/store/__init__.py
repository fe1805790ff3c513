"""Tests of the log and its writer: real files, real processes, real crashes."""
