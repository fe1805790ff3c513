"""Verify: the log is whole, it folds by the rules, and the read models are what follows from it."""

from ledger.store.scratch import Scratch
from projections.comparison import digest_of, first_difference
from projections.finding import Finding, Verification, finding
from projections.log_order import check_sequence
from projections.projector import READ_MODELS, Projector
from projections.read_models import ReadModels, ReportProgress, create_tables, fold_aside
from projections.stream_folds import StreamFolds
from projections.tables import Cursor, Place

__all__ = ["Finding", "Verification", "verify"]


def verify(models: ReadModels, progress: ReportProgress | None = None) -> Verification:
    """Check the log, and compare the read models with ones built anew at the same position.

    Positions and stream versions have no gaps and recorded times grow; every stream folds through
    its aggregate and the rules hold after each command; every read model is rebuilt in a scratch
    database and compared by digest. The first difference of each table is named. When the log
    itself is broken, nothing that follows from it is looked at.
    """
    ledger = models.ledger
    head = ledger.head().position
    sequence = check_sequence(ledger, head, progress)
    events = sum(sequence.events.values())
    if sequence.findings:
        return Verification(head, events, 0, {}, False, sequence.findings)
    models.catch_up(progress)
    with models.progress.reading() as cursor:
        position = models.standing_in(cursor).position
        if position is not None and position > head:
            head = ledger.head().position
            if position > head:
                return Verification(head, events, 0, {}, True, [_ahead(position, head)])
            sequence = check_sequence(ledger, head, progress, begun=sequence)
            events = sum(sequence.events.values())
            if sequence.findings:
                return Verification(head, events, 0, {}, False, sequence.findings)
        place = Place(Scratch())
        with place.database.writing() as aside:
            create_tables(place, aside)
        stop = head if position is None else position
        projector = Projector(place)
        fold_aside(ledger, place, projector, 0, stop, progress)
        findings: list[Finding] = []
        digests: dict[str, str] = {}
        with place.database.reading() as aside:
            if position is not None:
                digests = _compare(models.place, cursor, place, aside, findings)
        fold_aside(ledger, place, projector, stop, head, progress)
        with place.database.reading() as aside:
            folds = StreamFolds(ledger, head)
            folds.check(place, aside)
    findings = folds.findings + findings
    if not folds.findings and folds.events != sequence.events:
        findings.append(finding(
            "stream_missing",
            f"The log holds {events} events, but only {sum(folds.events.values())} of them belong "
            "to a stream that can be folded.",
        ))
    return Verification(head, events, folds.streams, digests, position is not None, findings)


def _ahead(position: int, head: int) -> Finding:
    return finding(
        "read_model_ahead",
        f"The read models stand at position {position}, but the log ends at {head}. Run "
        "`stocktrail rebuild` to build them anew.",
        position=position, head=head,
    )


def _compare(
    place: Place, cursor: Cursor, rebuilt: Place, aside: Cursor, findings: list[Finding]
) -> dict[str, str]:
    digests = {}
    for model in READ_MODELS:
        for table in model.tables:
            live, anew = place.table(table), rebuilt.table(table)
            digests[table.name] = digest_of(live, cursor)
            if digests[table.name] != digest_of(anew, aside):
                difference = first_difference(model.name, live, cursor, anew, aside)
                findings += [difference] if difference else []
    return digests
