"""Deliver webhooks and notices, until signalled or, with ``--once``, until nothing is due."""

import logging
from typing import Annotated

from cyclopts import App, Parameter

from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.signals import run_until_signalled
from stocktrail.interfaces.cli.subcommand_groups import subcommand_group

app: App = subcommand_group(
    "deliver", "Let webhooks or notices by e-mail go out.",
    "Say what to deliver: deliver webhooks, or deliver notices.",
)

Once = Annotated[bool, Parameter(help="End when nothing is due any more.", negative=())]


@app.command
def webhooks(*, once: Once = False, session: SessionArgument) -> int:
    """Deliver webhooks as the log grows. One process at a time does; others wait their turn."""
    import asyncio

    from stocktrail.feeds.delivery_store import AnotherWorker
    from stocktrail.feeds.settings import WebhookSettings
    from stocktrail.feeds.webhooks.worker import WebhookWorker

    logging.basicConfig(format="%(message)s")
    settings = WebhookSettings.read()
    limits = settings.limits()

    async def work(stop: asyncio.Event) -> None:
        worker = WebhookWorker(ledger, limits=limits, at_once=settings.at_once)
        await (worker.until_idle() if once else worker.run(stop))

    with session.open_to_deliver() as ledger:
        try:
            run_until_signalled(work)
        except AnotherWorker as another:
            raise Failure(WENT_WRONG, another.code, another.message) from None
    return 0


@app.command
def notices(*, once: Once = False, session: SessionArgument) -> int:
    """Send notices by e-mail: low stock, backorders accepted, promises that slipped."""
    import asyncio

    from stocktrail.feeds.delivery_store import AnotherWorker
    from stocktrail.feeds.notices.worker import NoticeWorker, SettingsMissing
    from stocktrail.feeds.settings import NoticeSettings

    logging.basicConfig(format="%(message)s")
    settings = NoticeSettings.read()

    async def work(stop: asyncio.Event) -> None:
        worker = NoticeWorker(ledger, settings)
        await (worker.until_idle() if once else worker.run(stop))

    with session.open_to_deliver() as ledger:
        try:
            run_until_signalled(work)
        except (AnotherWorker, SettingsMissing) as error:
            raise Failure(WENT_WRONG, error.code, error.message) from None
    return 0
