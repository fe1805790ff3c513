"""Counts the lines that the scenes of the rules reach, and nothing while anything else runs."""

from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

from stocktrail import ledger

RULES = Path(__file__).parent / "ledger"


class RuleCoverage:
    """A plugin beside pytest-cov: the rules are to be covered by their own scenes, not by chance.

    A line costs time wherever it is counted. pytest-cov's own mark ``no_cover`` saves nothing in
    the processes of pytest-xdist: each counts twice there, and the mark ends only one of the two.
    Measured on 2026-11-30: ``tests/commands`` took 40 s of a processor instead of 66.
    """

    def __init__(self, config: pytest.Config, pytest_cov: Any) -> None:
        """Import the rules while lines are counted, for those that run at import."""
        self._pytest_cov = pytest_cov
        for module in walk_packages(ledger.__path__, f"{ledger.__name__}."):
            import_module(module.name)
        if hasattr(config, "workerinput"):
            pytest_cov.cov_controller.pause()    # of the two; the other begins with the session

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Stop as soon as pytest-cov has begun: tests are only collected."""
        self._pytest_cov.cov_controller.pause()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Count while a scene of the rules runs, with what it asks for."""
        if RULES not in item.path.parents:
            return (yield)
        self._pytest_cov.cov_controller.resume()
        try:
            return (yield)
        finally:
            self._pytest_cov.cov_controller.pause()
