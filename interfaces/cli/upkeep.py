"""Looking after a ledger: how it stands, whether it is whole, and building read models anew."""

from collections.abc import Mapping
from typing import Any

from interfaces.cli.failures import WENT_WRONG, Failure
from interfaces.cli.progress import Progress
from interfaces.cli.screen import Screen
from interfaces.cli.session import Asked
from interfaces.cli.wording import moment


def status(*, session: Asked) -> int:
    """How long the log is, and how far each read model has come."""
    with session.read_models(caught_up=False) as models:
        found = {"database": models.ledger.shown_url, **models.status()}
        if models.ledger.warnings:
            found["may_lose"] = list(models.ledger.warnings)
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
        + (f", recorded {since}." if since else "; nothing is recorded yet."),
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
    for sentence in report.get("may_lose", ()):
        screen.say(f"Take care: {sentence}")
    if replica := report.get("replica"):
        screen.say(
            f"The replica {replica['database']} is at position {replica['head']:,}, "
            f"{replica['lag']:,} behind."
        )


def verify(*, session: Asked) -> int:
    """Prove that every number follows from the log.

    Folds the whole log, builds every read model aside, and compares; the first difference is
    named, and the exit status is then 1.
    """
    with session.read_models(caught_up=False) as models, Progress("Verifying") as progress:
        verification = models.verify(progress.reach)
    session.answer(verification.as_json(), _show_verification)
    return 0 if verification.ok else WENT_WRONG


def _show_verification(screen: Screen, report: Mapping[str, Any]) -> None:
    looked_at = (
        f"{report['events']:,} events in {report['streams']:,} streams, up to position "
        f"{report['position']:,}"
    )
    if report["ok"]:
        screen.say(f"All is well: {looked_at}; every read model is what follows from them.")
        return
    for each in report["findings"]:
        screen.say(f"{each['message']} [{each['code']}]")
    screen.say(f"Something is wrong. Looked at {looked_at}.")


def rebuild(*, session: Asked) -> int:
    """Build the read models anew from the log, and switch to them."""
    with session.read_models(caught_up=False) as models, Progress("Rebuilding") as progress:
        if models.ledger.read_only:
            raise Failure(
                WENT_WRONG, "storage_read_only",
                f"{models.ledger.where} cannot be written to, so its read models stay.",
            )
        position = models.rebuild(progress.reach)
    session.answer({"position": position}, _show_rebuilt)
    return 0


def _show_rebuilt(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        f"Every read model was built anew from the log, up to position {report['position']:,}."
    )
