"""Operating a ledger: its status, its verification, its read models and its format."""

from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import WENT_WRONG, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.progress import Progress
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.wording import count, moment
from stocktrail.ledger.store.partition_ledger import LEAST_ROWS, ROWS

_NO_CHECKPOINT = (
    "It was compared with no checkpoint, because there is none: whether somebody wrote the whole "
    "log anew cannot be told. Sign one with `stocktrail checkpoint`."
)


def status(*, session: SessionArgument) -> int:
    """How long the log is, and how far each read model has come."""
    from stocktrail.ledger.store.sqlite.version import cautions
    from stocktrail.projections.as_of.moment import time_zone_at
    from stocktrail.projections.rebuild.unfinished import unfinished_rebuild

    with session.read_models(caught_up=False) as models:
        found = {
            "database": models.ledger.shown_url, **models.status(),
            "time_zone": time_zone_at(models.ledger),
        }
        rebuild = unfinished_rebuild(models.side_tables, found["head"])
        if rebuild is not None:
            found["rebuild"] = {**rebuild.as_json(), "sentence": rebuild.sentence()}
        warnings = [*models.ledger.warnings, *cautions(models.ledger.url)]
        if warnings:
            found["may_lose"] = warnings
        if replica := session.open_replica():
            with replica:
                head = replica.head().position
                found["replica"] = {
                    "database": replica.shown_url, "head": head, "lag": found["head"] - head,
                }
    session.answer(found, _show_status)
    return 0


def _show_status(screen: Screen, report: Mapping[str, Any]) -> None:
    since = moment(report["recorded_at"])
    screen.say(
        f"{report['database']} is at position {report['head']:,}"
        + (f", recorded {since}." if since else "; nothing is recorded yet.")
        + f" Its days are those of {report['time_zone']}.",
        "",
    )
    screen.table(
        ("read model", "#version", "#position", "#lag", "#seconds"),
        [
            (
                each["name"].replace("_", " "), each["version"], each["position"], each["lag"],
                round(each["lag_seconds"]),
            )
            for each in report["read_models"]
        ],
    )
    if rebuild := report.get("rebuild"):
        screen.say(rebuild["sentence"])
    for each in report["parked"]:
        screen.say(
            f"Take care: {each['sku']} is parked since position {each['position']:,}: "
            f"{each['reason']}. Nothing is said of its numbers."
        )
    for sentence in report.get("may_lose", ()):
        screen.say(f"Take care: {sentence}")
    if replica := report.get("replica"):
        screen.say(
            f"The replica {replica['database']} is at position {replica['head']:,}, "
            f"{replica['lag']:,} behind."
        )


def verify(
    *, checkpoint: list[str] | None = None, key: str | None = None, session: SessionArgument
) -> int:
    """Prove that every number follows from the log.

    Four verdicts, each with its bit of the exit status: integrity (8) and anchored (16) say that
    the log is what was sealed and signed, foldable (32) that it follows the rules, projections (64)
    that the read models follow from it. The first position that is not as it must be is named.
    """
    from pathlib import Path

    from stocktrail.interfaces.cli.seal import verifier_of
    from stocktrail.ledger.store.merkle.checkpoint_folder import read_checkpoint
    from stocktrail.projections.verify import verify

    verifier = None if key is None else verifier_of(key)
    given = [(read_checkpoint(Path(name)), verifier) for name in checkpoint or ()]
    with session.read_models(caught_up=False) as models, Progress("Verifying") as progress:
        verification = verify(models, progress.reach, given)
    session.answer(verification.as_json(), _show_verification)
    return verification.exit_status


def _show_verification(screen: Screen, report: Mapping[str, Any]) -> None:
    looked_at = (
        f"{report['events']:,} events in {report['streams']:,} streams, up to position "
        f"{report['position']:,}"
    )
    if report["ok"]:
        screen.say(f"All is well: {looked_at}; every read model is what follows from them.")
        if report["checkpoints"]:
            screen.say(f"The log extends {count(report['checkpoints'], 'checkpoint')}.")
        else:
            screen.say(_NO_CHECKPOINT)
        return
    for each in report["findings"]:
        screen.say(f"{each['message']} [{each['code']}]")
    says = {True: "yes", False: "no", None: "not looked at"}
    screen.table(
        ("verdict", "holds", "#first position"),
        [(name, says[each["ok"]], each["position"]) for name, each in report["verdicts"].items()],
    )
    if not report["checkpoints"]:
        screen.say(_NO_CHECKPOINT)
    screen.say(f"Something is wrong. Looked at {looked_at}.")


def rebuild(
    *,
    from_start: Annotated[bool, Parameter(
        help="Begin with the first event in any case.",
        negative=(), show_default=False,
    )] = False,
    session: SessionArgument,
) -> int:
    """Build the read models again from the log, and switch to them.

    It begins with the first event, and takes over from a rebuild that is at work. Only where there
    are no read models of this release yet it goes on where one that was interrupted had come. Until
    it is done the live read models answer.
    """
    with session.read_models(caught_up=False) as models, Progress("Rebuilding") as progress:
        if models.ledger.read_only:
            raise Failure(
                WENT_WRONG, "storage_read_only",
                f"{models.ledger.where} cannot be written to, so its read models stay.",
            )
        position = models.rebuild(progress.reach, from_start=from_start)
    session.answer({"position": position}, _show_rebuilt)
    return 0


def _show_rebuilt(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        f"Every read model was built anew from the log, up to position {report['position']:,}."
    )


def upgrade(*, session: SessionArgument) -> int:
    """Bring a ledger of an earlier version to the present format.

    Positions, ids, times and payloads stay, and so does what was proven and signed before. It is
    all done or nothing: interrupted, the ledger is as it was, and the command can be repeated. Make
    a backup first, and stop the programs that write.
    """
    from stocktrail.ledger.store.upgrade_ledger import upgrade_ledger

    with Progress("Upgrading") as progress:
        was_upgraded = upgrade_ledger(session.database_url, progress.reach)
    with session.open_to_read() as ledger:
        position, root = ledger.root()
        report = {
            "database": ledger.shown_url, "upgraded": was_upgraded, "position": position,
            "root": root.hex(),
        }
    session.answer(report, _show_upgraded)
    return 0


def _show_upgraded(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        f"{report['database']} is now in the present format, up to position "
        f"{report['position']:,}." if report["upgraded"]
        else f"{report['database']} is up to date.",
        f"Root: {report['root']}",
    )


def partition(
    *, rows: Annotated[int, Parameter(help="How many commands are in a partition.")] = ROWS,
    session: SessionArgument,
) -> int:
    """Divide the log on PostgreSQL into partitions, so that its old part can lie elsewhere.

    What is there becomes the first partition; whoever writes makes the others, ahead of time. Of a
    log that is divided already only the partitions to come are as large as this. Writers wait
    meanwhile. Start the programs that use the ledger again soon afterwards.
    """
    from stocktrail.ledger.store.partition_ledger import partition_ledger

    if rows < LEAST_ROWS:
        raise Failure(
            WRONG_FLAGS, "bad_flag", f"--rows must be at least {LEAST_ROWS:,}: every partition "
            "makes each question a little slower.",
        )
    was_whole = partition_ledger(session.database_url, rows)
    with session.open_to_read() as ledger:
        report = {"database": ledger.shown_url, "partitioned": was_whole, "rows": rows}
    session.answer(report, _show_partitioned)
    return 0


def _show_partitioned(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        f"The log of {report['database']} is divided into partitions now; those to come have "
        f"{report['rows']:,} commands." if report["partitioned"]
        else f"The log of {report['database']} was divided before; partitions to come have "
        f"{report['rows']:,} commands.",
    )
