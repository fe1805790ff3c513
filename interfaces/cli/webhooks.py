"""Looking after webhooks: which there are, what was tried, and sending once more."""

from typing import Annotated, Any

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, WENT_WRONG, Failure
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import Asked
from stocktrail.interfaces.cli.wording import moment, plain


def webhooks(*, session: Asked) -> int:
    """The webhooks there are, and how far each has come."""
    from stocktrail.feeds.webhooks.questions import webhooks as report

    with session.open_to_read() as ledger:
        found = report(ledger)
    session.answer(found, _show_webhooks)
    return 0


def _show_webhooks(screen: Screen, report: dict[str, Any]) -> None:
    if not report["rows"]:
        screen.say("There are no webhooks. Create one with create-webhook.")
        return
    screen.table(
        ("webhook", "~url", "status", "#position", "#lag", "#waiting", "#parked"),
        [
            (row["webhook"], row["url"], row["status"], row["position"], row["lag"],
             row["waiting"], row["parked"])
            for row in report["rows"]
        ],
    )
    for row in report["rows"]:
        if (failing := row["failing"]) is not None:
            why = failing["error"] or f"It answered with status {failing['status']}."
            screen.say(
                f"{plain(row['webhook'])} does not take position {failing['position']}: attempt "
                f"{failing['attempt']} failed at {moment(failing['sent_at'])}. {plain(why)}"
            )


def deliveries(
    webhook: str,
    /,
    *,
    outcome: Annotated[
        str | None, Parameter(help="Only those that were delivered, failed or parked.")
    ] = None,
    limit: Annotated[int, Parameter(help="At most so many attempts.")] = 100,
    before: Annotated[int | None, Parameter(help="The next page: what `next` said.")] = None,
    session: Asked,
) -> int:
    """What was sent to a webhook, attempt by attempt, the latest first.

    Parameters
    ----------
    webhook
        The webhook.
    """
    from stocktrail.feeds.webhooks.questions import deliveries as report

    if outcome not in (None, "delivered", "failed", "parked") or limit < 1:
        raise Failure(
            INVALID, "bad_filter",
            "--outcome is delivered, failed or parked, and --limit is 1 or more.",
        )
    with session.open_to_read() as ledger:
        found = report(ledger, webhook, limit=limit, before=before, outcome=outcome)
    session.answer(found, _show_deliveries)
    return 0


def _show_deliveries(screen: Screen, report: dict[str, Any]) -> None:
    if not report["rows"]:
        screen.say("Nothing was sent yet.")
        return
    screen.table(
        ("#position", "#attempt", "sent", "outcome", "#status", "#ms", "~error"),
        [
            (row["position"], row["attempt"], moment(row["sent_at"]), row["outcome"],
             row["status"], row["milliseconds"], row["error"])
            for row in report["rows"]
        ],
    )


def replay_webhook(
    webhook: str,
    /,
    *,
    after: Annotated[int, Parameter(help="Events above this position.")],
    until: Annotated[int | None, Parameter(help="Up to this one; default: the last.")] = None,
    session: Asked,
) -> int:
    """Send a range of the log to a webhook once more; its cursor stays where it is.

    Parameters
    ----------
    webhook
        The webhook.
    """
    from stocktrail.feeds.webhooks.replay import replay

    if after < 0:
        raise Failure(INVALID, "negative", "--after must not be less than 0.")
    with session.open_to_read() as ledger:
        end = replay(ledger, webhook, after, until)
    session.answer(
        {"webhook": webhook, "after": after, "until": end},
        lambda screen, found: screen.say(
            f"Events {after + 1:,} to {found['until']:,} will be sent to {plain(webhook)} again."
        ),
    )
    return 0


def test_webhook(webhook: str, /, *, session: Asked) -> int:
    """Send a webhook one message that stands for no event, and tell what came of it.

    Parameters
    ----------
    webhook
        The webhook.
    """
    import asyncio

    from stocktrail.feeds.settings import WebhookSettings
    from stocktrail.feeds.webhooks.trial import send_trial

    with session.open_to_read() as ledger:
        found = asyncio.run(send_trial(ledger, webhook, WebhookSettings.read().limits()))
    session.answer(found, _show_trial)
    return 0 if found["delivered"] else WENT_WRONG


def _show_trial(screen: Screen, report: dict[str, Any]) -> None:
    came = "It was taken" if report["delivered"] else report["error"].rstrip(".")
    screen.say(f"{came}, after {report['milliseconds']:,} ms.")


def sent_notices(
    *,
    state: Annotated[
        str | None,
        Parameter(help="Only those that are waiting, sent, refused, skipped or uncertain."),
    ] = None,
    limit: Annotated[int, Parameter(help="At most so many.")] = 100,
    before: Annotated[int | None, Parameter(help="The next page: what `next` said.")] = None,
    session: Asked,
) -> int:
    """What became of notices by e-mail, the latest first."""
    from stocktrail.feeds.notices.store import sent_notices as report

    states = (None, "waiting", "sending", "sent", "refused", "skipped", "uncertain")
    if state not in states or limit < 1:
        raise Failure(
            INVALID, "bad_filter",
            "--state is waiting, sent, refused, skipped or uncertain, and --limit is 1 or more.",
        )
    with session.open_to_read() as ledger:
        found = report(ledger, limit=limit, before=before, state=state)
    session.answer(found, _show_sent)
    return 0


def _show_sent(screen: Screen, report: dict[str, Any]) -> None:
    if not report["rows"]:
        screen.say("No notice was sent yet.")
        return
    screen.table(
        ("#position", "kind", "order", "customer", "state", "#attempts", "~reason"),
        [
            (row["position"], row["kind"].replace("_", " "), row["order"], row["customer"],
             row["state"], row["attempts"], row["reason"])
            for row in report["rows"]
        ],
    )


def webhook_secret(
    webhook: str,
    /,
    *,
    rotate: Annotated[
        bool, Parameter(help="Make a new one; the old one signs for another day.", negative=())
    ] = False,
    session: Asked,
) -> int:
    """The secret that signs what a webhook is sent, for whoever sets up the receiver.

    Parameters
    ----------
    webhook
        The webhook.
    """
    from stocktrail.feeds.webhooks import secrets
    from stocktrail.feeds.webhooks.questions import require_webhook
    from stocktrail.feeds.webhooks.worker import delivery_store
    from stocktrail.ledger.store.engine.decided import system_clock

    with session.open_to_read() as ledger:
        require_webhook(ledger, webhook)
        books, now = delivery_store(ledger), system_clock()
        secret = (
            secrets.rotate(books, webhook, now) if rotate
            else secrets.signing_secrets(books, webhook, now)[0]
        )
    session.answer(
        {"webhook": webhook, "secret": secret}, lambda screen, found: screen.say(found["secret"])
    )
    return 0
