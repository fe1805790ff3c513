"""Verify: the log is whole, it folds by the rules, and the read models are what follows from it."""

from collections.abc import Sequence
from typing import Any

from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.tables import Cursor, Place
from stocktrail.projections.folding.projector import READ_MODELS, Projector
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.read_models import (
    ReadModels,
    ReportProgress,
    create_tables,
    fold_into_shadow_tables,
)
from stocktrail.projections.verify.findings import Finding, Verification, finding
from stocktrail.projections.verify.payloads import Events, read_all
from stocktrail.projections.verify.seal import Anchor, SealCheck
from stocktrail.projections.verify.streams import DOES_NOT_FOLD as NOT_NEXT
from stocktrail.projections.verify.streams import StreamFolds
from stocktrail.projections.verify.tables import digest_of, first_difference

DOES_NOT_FOLD = (*NOT_NEXT, StorageError)
"""What folding an event that somebody changed may raise."""

__all__ = ["Finding", "Verification", "verify"]


def verify(
    models: ReadModels, progress: ReportProgress | None = None, given: Sequence[Anchor] = ()
) -> Verification:
    """Check the log, and compare the read models with ones built again at the same position.

    Four verdicts. Integrity: every row is what was sealed, positions and versions have no gaps and
    recorded times grow. Anchored: the log extends every checkpoint, local or given. Foldable: every
    stream folds through its aggregate, the rules hold after each command, and snapshots are what
    follows. Projections: every read model is rebuilt in a scratch database and compared by digest;
    the first difference of each table is named. When events are missing or cannot be read, nothing
    that follows from them is looked at.
    """
    ledger = models.ledger
    seal = SealCheck(ledger, given)
    seal.reach_end(progress)
    if not seal.is_whole:
        return _sealed(seal)
    if not seal.integrity:
        models.catch_up(progress)
    with models.progress.reading() as cursor:
        position = models.standing_in(cursor).position
        if position is not None and position > seal.position:
            seal.reach_end(progress)
        if not seal.is_whole:
            return _sealed(seal)
        head = seal.position
        try:
            read = read_all(ledger, head, progress)
            if read.findings:
                return _sealed(seal, foldable=read.findings)
            if position is not None and position > head:
                return _sealed(seal, compared=True, projections=[_ahead(position, head)])
            return _folded(models, cursor, seal, read, position, progress)
        except DOES_NOT_FOLD:
            if not seal.integrity:
                raise
            altered = seal.integrity[0].details["position"]
            return _sealed(seal, foldable=[finding(
                "event_does_not_fold",
                f"What stands at position {altered} does not follow from what stands before it.",
                position=altered,
            )])


def _folded(
    models: ReadModels, cursor: Cursor, seal: SealCheck, read: Events, position: int | None,
    progress: ReportProgress | None,
) -> Verification:
    """Fold a log whose events can be read, and compare what follows with what is stored."""
    ledger, head = models.ledger, seal.position
    place = Place(ScratchDatabase())
    with place.database.writing() as aside:
        create_tables(place, aside)
    stop = head if position is None else position
    projector = Projector(place)
    fold_into_shadow_tables(ledger, place, projector, 0, stop, progress)
    differences: list[Finding] = []
    digests: dict[str, str] = {}
    with place.database.reading() as aside:
        if position is not None:
            digests = _compare(models.place, cursor, place, aside, differences, stop)
    fold_into_shadow_tables(ledger, place, projector, stop, head, progress)
    with place.database.reading() as aside:
        folds = StreamFolds(ledger, head)
        folds.check(place, aside)
        differences += [each.finding() for each in parked_items(place, aside)]
    if not folds.findings and folds.events != read.events:
        folds.findings.append(finding(
            "stream_missing",
            f"The log holds {sum(read.events.values())} events, but only "
            f"{sum(folds.events.values())} of them belong to a stream that can be folded.",
            position=head,
        ))
    return _sealed(
        seal, streams=folds.streams, digests=digests, compared=position is not None,
        foldable=folds.findings, projections=differences,
    )


def _sealed(seal: SealCheck, **found: Any) -> Verification:
    """Put together what the seal says and what was found beside it."""
    known: dict[str, Any] = {"streams": 0, "digests": {}, "compared": False, **found}
    return Verification(
        position=seal.position, events=seal.checked, integrity=seal.integrity,
        anchored=seal.anchored, checkpoints=len(seal.anchors), root=seal.root.hex(), **known,
    )


def _ahead(position: int, head: int) -> Finding:
    return finding(
        "read_model_ahead",
        f"The read models stand at position {position}, but the log ends at {head}. Run "
        "`stocktrail rebuild` to build them anew.",
        position=position, head=head,
    )


def _compare(
    place: Place, cursor: Cursor, rebuilt: Place, aside: Cursor, findings: list[Finding],
    position: int,
) -> dict[str, str]:
    digests = {}
    for model in READ_MODELS:
        for table in model.tables:
            live, anew = place.table(table), rebuilt.table(table)
            digests[table.name] = digest_of(live, cursor)
            if digests[table.name] != digest_of(anew, aside):
                difference = first_difference(model.name, live, cursor, anew, aside)
                if difference:
                    difference.details["position"] = position
                    findings.append(difference)
    return digests
