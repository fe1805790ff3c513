"""Which scenes about the log over HTTP run on both databases: the others run on SQLite alone."""

import pytest

on_both_databases = pytest.mark.parametrize(
    "database_url", ["sqlite_url", "postgres_url"], indirect=True
)
