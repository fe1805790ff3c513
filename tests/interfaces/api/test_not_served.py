"""Several processes of which one cannot begin: none is started again for ever, and all end."""

import os
import subprocess
import sys

import pytest

from tests.interfaces.terminal import PATIENCE_SECONDS, ROOT

SERVE = """
import os, sys
from stocktrail.interfaces.api import server
from stocktrail.interfaces.cli import main
from stocktrail.interfaces.service.settings import ServiceSettings

serve_many, as_environment = server.serve_many, ServiceSettings.as_environment

def elsewhere(settings, url, listening, workers):
    return serve_many(settings, "sqlite:////no/folder/ledger.db", listening, workers)

def misspelt(settings):
    return as_environment(settings) | {"STOCKTRAIL_HTTP_BUSY_SECONDS": "never"}

if sys.argv[1] == "database":
    server.serve_many = elsewhere
else:
    ServiceSettings.as_environment = misspelt
sys.exit(main(["serve", "--workers", "2", "--port", "0", "--database", sys.argv[2]]))
"""
"""Serves, but its processes are told of a database that is not there, or of a wrong setting."""


@pytest.mark.parametrize("wrong", ["database", "setting"])
def test_what_keeps_a_process_from_beginning_is_logged_and_ends_all(
    wrong: str, postgres_url: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SERVE, wrong, postgres_url], capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ended.returncode == 1, ended.stderr
    assert "[not_served]" in ended.stderr
    assert {"database": "/no/folder", "setting": "BUSY_SECONDS"}[wrong] in ended.stderr
    assert "Child process" in ended.stderr
    assert " died" not in ended.stderr, "none was started again"
