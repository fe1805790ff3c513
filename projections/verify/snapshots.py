"""Verification of snapshots: each equals its stream, folded to the same version."""

from stocktrail.ledger.base.aggregate import Aggregate, Snapshot
from stocktrail.ledger.store import Ledger
from stocktrail.projections.verify.findings import Finding, finding

NOT_A_STATE = (LookupError, ValueError, TypeError, AttributeError)
"""What making an aggregate of an invalid snapshot raises."""


class SnapshotCheck:
    """Compares the snapshots of a ledger with its streams while those are folded."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._left = ledger.snapshot_versions()

    def compare(self, aggregate: Aggregate, position: int) -> Finding | None:
        """Return the finding of a snapshot that differs from the aggregate at its version."""
        if (aggregate.id, aggregate.version) not in self._left:
            return None
        self._left.discard((aggregate.id, aggregate.version))
        try:
            snapshot = self._ledger.snapshot(aggregate.id, aggregate.version)
            lacks = aggregate.may_lack - snapshot.state.keys()
            found, expected = (
                {name: part for name, part in Snapshot.take(one).state.items() if name not in lacks}
                for one in (snapshot.mutate(None), aggregate)
            )
            is_same = found == expected
        except NOT_A_STATE:
            is_same = False
        return None if is_same else _differs(aggregate.id, aggregate.version, position)

    def beyond(self, stop: int) -> list[Finding]:
        """Return findings of snapshots whose version is beyond the end of their stream."""
        return [
            _differs(stream, version, stop) for stream, version in sorted(self._left)
            if version > self._ledger.version_at(stream, stop)
            and version > self._ledger.version_at(stream, self._ledger.head().position)
        ]


def _differs(stream: str, version: int, position: int) -> Finding:
    return finding(
        "snapshot_differs",
        f"The snapshot of {stream} at version {version} is not what follows from its events up to "
        f"position {position}. Delete it from stored_snapshots: it is a shortcut, never a fact.",
        stream=stream, version=version, position=position,
    )

