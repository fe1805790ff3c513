"""Verification: four verdicts on a ledger, from the rows of its log to its read models.

Rule 7.1 is the source.
"""

from collections.abc import Collection, Sequence
from typing import Any

from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.tables import Cursor, TableSet
from stocktrail.projections.folding.batches import Batch
from stocktrail.projections.folding.projector import READ_MODELS, Projector
from stocktrail.projections.folding.shadow_tables import (
    ReportProgress,
    create_tables,
    fold_into_shadow_tables,
)
from stocktrail.projections.model_version import model_version
from stocktrail.projections.models.parked_items import Parked, parked_items
from stocktrail.projections.read_models import ReadModels
from stocktrail.projections.verify.findings import Finding, Verification, finding
from stocktrail.projections.verify.payloads import UNREADABLE, first_unreadable
from stocktrail.projections.verify.seal import SealCheck, TrustedCheckpoint
from stocktrail.projections.verify.streams import DOES_NOT_FOLD as NOT_NEXT
from stocktrail.projections.verify.streams import StreamFolds
from stocktrail.projections.verify.tables import digest_of, first_difference

DOES_NOT_FOLD = (*NOT_NEXT, StorageError)
"""What folding an event that somebody changed may raise."""


def verify(
    models: ReadModels, progress: ReportProgress | None = None,
    given: Sequence[TrustedCheckpoint] = (),
) -> Verification:
    """Verify the log, and that the read models are exactly what follows from it.

    Integrity: every row is what was hashed, positions and versions have no gaps and recorded times
    grow. Anchored: the log extends every checkpoint, those kept beside it and those ``given``.
    Foldable: every stream folds through its aggregate, the rules hold after each command, and
    snapshots are what follows. Projections: every read model is folded again in a scratch database
    and compared by digest; the first difference of each table is a finding. When events are missing
    or cannot be read, nothing that follows from them is verified.
    """
    ledger = models.ledger
    seal = SealCheck(ledger, given)
    seal.reach_end(progress)
    if not seal.is_whole:
        return _verification(seal)
    if not seal.integrity:
        models.catch_up(progress)
    with models.side_tables.reading() as cursor:
        position = model_version(models.side_tables, cursor).position
        if position is not None and position > seal.position:
            seal.reach_end(progress)
        if not seal.is_whole:
            return _verification(seal)
        head = seal.position
        if position is not None and position > head:
            return _verification(seal, compared=True, projections=[_ahead(position, head)])
        folds = StreamFolds(ledger)
        try:
            return _fold_and_compare(models, cursor, seal, folds, position, progress)
        except (*DOES_NOT_FOLD, *UNREADABLE):
            unreadable = first_unreadable(ledger, head)
            if unreadable is not None or folds.findings:
                found = folds.findings if unreadable is None else [unreadable]
                return _verification(seal, foldable=found)
            if not seal.integrity:
                raise
            altered = seal.integrity[0].details["position"]
            return _verification(seal, foldable=[finding(
                "event_does_not_fold",
                f"What stands at position {altered} does not follow from what stands before it.",
                position=altered,
            )])


def _fold_and_compare(
    models: ReadModels, cursor: Cursor, seal: SealCheck, folds: StreamFolds, position: int | None,
    progress: ReportProgress | None,
) -> Verification:
    """Fold the log once: its streams, and its read models in a scratch database.

    The read models are compared with the live ones at the position where those are.
    """
    ledger, head = models.ledger, seal.position
    tables = TableSet(ScratchDatabase())
    with tables.database.writing() as scratch:
        create_tables(tables, scratch)
    stop = head if position is None else position
    both = _Both(folds, Projector(tables))
    fold_into_shadow_tables(ledger, tables, both, 0, stop, progress)
    differences: list[Finding] = []
    digests: dict[str, str] = {}
    with tables.database.reading() as scratch:
        if position is not None:
            digests = _compare(models.place, cursor, tables, scratch, differences, stop)
    fold_into_shadow_tables(ledger, tables, both, stop, head, progress)
    with tables.database.reading() as scratch:
        folds.compare(tables, scratch, head)
        differences += [_parked(each) for each in parked_items(tables, scratch)]
    return _verification(
        seal, streams=folds.streams, digests=digests, compared=position is not None,
        foldable=folds.findings, projections=differences,
    )


class _Both:
    """Folds batches into the streams, which are checked, and into the read models."""

    categories: Collection[str] | None = None
    models = READ_MODELS

    def __init__(self, streams: StreamFolds, projector: Projector) -> None:
        self._streams = streams
        self._projector = projector
        self.save = projector.save

    def fold(self, cursor: Cursor, batch: Batch) -> None:
        """Fold one batch."""
        for together in batch:
            self._streams.fold(together)
        self._projector.fold(cursor, batch)


def _verification(seal: SealCheck, **found: Any) -> Verification:
    """Return the findings of the seal together with what else was found."""
    known: dict[str, Any] = {"streams": 0, "digests": {}, "compared": False, **found}
    return Verification(
        position=seal.position, events=seal.checked, integrity=seal.integrity,
        anchored=seal.anchored, checkpoints=len(seal.checkpoints), root=seal.root.hex(), **known,
    )


def _ahead(position: int, head: int) -> Finding:
    return finding(
        "read_model_ahead",
        f"The read models stand at position {position}, but the log ends at {head}. Run "
        "`stocktrail rebuild` to build them anew.",
        position=position, head=head,
    )


def _parked(item: Parked) -> Finding:
    return finding("item_parked", item.sentence(), sku=item.sku, position=item.position)


def _compare(
    live: TableSet, cursor: Cursor, rebuilt: TableSet, scratch: Cursor, findings: list[Finding],
    position: int,
) -> dict[str, str]:
    """Return the digests of the live tables, and add the first difference of each to findings."""
    digests = {}
    for model in READ_MODELS:
        for table in model.tables:
            known, expected = live.table(table), rebuilt.table(table)
            digests[table.name] = digest_of(known, cursor)
            if digests[table.name] != digest_of(expected, scratch):
                difference = first_difference(model.name, known, cursor, expected, scratch)
                if difference:
                    difference.details["position"] = position
                    findings.append(difference)
    return digests
