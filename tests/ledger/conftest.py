"""Scenes of the rules begin with nothing kept from what ran before them in the same process.

What a function of the ledger keeps of earlier calls decides which of its lines a scene reaches.
Without this, whether the rules count as covered depended on the order in which tests were run.
"""

import sys

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget what the rules keep of earlier calls."""
    for name, module in [*sys.modules.items()]:
        ours = name.startswith("stocktrail.ledger.")
        if ours and not name.startswith("stocktrail.ledger.store"):
            for kept in [*vars(module).values()]:
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()
