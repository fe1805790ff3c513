"""Operating webhooks: their status, their deliveries, and sending again."""

from typing import Annotated, Any

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, WENT_WRONG, Failure
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.wording import plain


def replay_webhook(
    webhook: str,
    /,
    *,
    after: Annotated[int, Parameter(help="Events above this position.")],
    until: Annotated[int | None, Parameter(help="Up to this one; default: the last.")] = None,
    session: SessionArgument,
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


def test_webhook(webhook: str, /, *, session: SessionArgument) -> int:
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


def webhook_secret(
    webhook: str,
    /,
    *,
    rotate: Annotated[
        bool, Parameter(help="Make a new one; the old one signs for another day.", negative=())
    ] = False,
    session: SessionArgument,
) -> int:
    """The secret that signs what a webhook is sent, for whoever sets up the receiver.

    Parameters
    ----------
    webhook
        The webhook.
    """
    from stocktrail.feeds.webhooks import secrets
    from stocktrail.feeds.webhooks.questions import require_webhook
    from stocktrail.feeds.webhooks.rotation import rotate_secret
    from stocktrail.feeds.webhooks.worker import delivery_store
    from stocktrail.ledger.store.engine.decided import system_clock

    with session.open_to_read() as ledger:
        if rotate:
            secret = rotate_secret(ledger, webhook)
        else:
            require_webhook(ledger, webhook)
            secret = secrets.signing_secrets(delivery_store(ledger), webhook, system_clock())[0]
    session.answer(
        {"webhook": webhook, "secret": secret}, lambda screen, found: screen.say(found["secret"])
    )
    return 0
