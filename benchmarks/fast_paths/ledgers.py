"""Fast paths of whole runs: reading the log, folding it, deciding commands."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from benchmarks.fast_paths.timing import FastPath
from benchmarks.workload import fill, order_rows, script
from stocktrail.interfaces.cli import GARBAGE_THRESHOLDS
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine import writer
from stocktrail.ledger.store.engine.commit_group import CommitGroup
from stocktrail.projections.folding import shadow_tables
from stocktrail.projections.rebuild import rebuild as rebuilding

ORDERS = 1_000


def ledger_paths(ledger: Ledger) -> Iterator[FastPath]:
    """Yield the fast paths of whole runs: folding, deciding."""
    head = ledger.head().position
    yield FastPath(
        "no collection while folding", lambda: _folded(ledger, nullcontext),
        lambda: _folded(ledger, shadow_tables.gc_paused), head, rounds=5,
    )
    yield FastPath(
        "rarer collection in a script", lambda: _submitted(ledger, gc.get_threshold()),
        lambda: _submitted(ledger, GARBAGE_THRESHOLDS), ORDERS, rounds=7,
    )
    yield FastPath(
        "orders presumed to be new", lambda: _looked_up(ledger),
        lambda: _submitted(ledger, GARBAGE_THRESHOLDS), ORDERS, rounds=7,
    )


def _folded(ledger: Ledger, paused: Callable[[], AbstractContextManager[None]]) -> None:
    """Rebuild the read models in this process, with the collector paused in one way or another."""
    with patch.multiple(rebuilding, WORTH_A_PROCESS=10**9), patch.object(
        shadow_tables, "gc_paused", paused
    ):
        rebuilding.rebuild(ledger)


def _looked_up(ledger: Ledger) -> None:
    """Submit orders of which each id, and each order's stream, is looked up first."""
    with patch.object(writer, "CommitGroup", LookingUp):
        _submitted(ledger, GARBAGE_THRESHOLDS)


class LookingUp(CommitGroup):
    """A group that presumes nothing to be new."""

    def __init__(self, *arguments: Any, looks_up: bool) -> None:
        super().__init__(*arguments, looks_up=True)


def _submitted(ledger: Ledger, thresholds: tuple[int, int, int]) -> None:
    before = gc.get_threshold()
    gc.set_threshold(*thresholds)
    try:
        fill(ledger, script(order_rows(ORDERS, hot=False, name=uuid4().hex)))
    finally:
        gc.set_threshold(*before)
