"""Verification: four verdicts on a ledger, from the rows of its log to its read models.

Rule 7.1 is the source.
"""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Any

from stocktrail.ledger.store import Ledger, StorageError
from stocktrail.ledger.store.in_memory import InMemoryLedger
from stocktrail.ledger.store.tables import Cursor
from stocktrail.projections.folding.shadow_tables import ReportProgress
from stocktrail.projections.model_version import model_version
from stocktrail.projections.models.parked_items import Parked, parked_items
from stocktrail.projections.read_models import ReadModels
from stocktrail.projections.verify.findings import Finding, Verification, finding
from stocktrail.projections.verify.order_side import OrderSide
from stocktrail.projections.verify.payloads import UNREADABLE, first_unreadable
from stocktrail.projections.verify.read_models import FoldedAgain
from stocktrail.projections.verify.seal import SealCheck, TrustedCheckpoint
from stocktrail.projections.verify.streams import DOES_NOT_FOLD as NOT_NEXT
from stocktrail.projections.verify.streams import StreamFolds

WORTH_A_PROCESS = 20_000
"""From how many events on a second process saves more time than it takes to start."""

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
    """Fold the log: its streams, and its read models in a scratch database.

    The read models are compared with the live ones at the position where those are. In a long log
    a second process folds those of orders.
    """
    ledger, head = models.ledger, seal.position
    stop = head if position is None else position
    with ExitStack() as stack:
        order_side = None
        if position is not None and not seal.integrity and _is_worth_a_process(ledger, position):
            order_side = stack.enter_context(closing(OrderSide(ledger, position)))
        folded = FoldedAgain(ledger, folds, order_side)
        folded.fold(0, stop, progress)
        digests: dict[str, str] = {}
        differences: list[Finding] = []
        if position is not None:
            digests, differences = folded.compare(models.place, cursor, position)
    folded.fold(stop, head, progress)
    with folded.tables.database.reading() as scratch:
        folds.compare(folded.tables, scratch, head)
        differences += [_parked(each) for each in parked_items(folded.tables, scratch)]
    return _verification(
        seal, streams=folds.streams, digests=digests, compared=position is not None,
        foldable=folds.findings, projections=differences,
    )


def _is_worth_a_process(ledger: Ledger, position: int) -> bool:
    return position >= WORTH_A_PROCESS and not isinstance(ledger, InMemoryLedger)


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
