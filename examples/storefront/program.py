"""The command line that both adapters share: receive, write back, and look at what waits."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from threading import Event, Thread
from urllib.parse import urlsplit

import uvicorn

from examples.storefront.forwarding import Forwarder, moment_of
from examples.storefront.inbox import Inbox
from examples.storefront.ledger import LedgerClient, LedgerOverHttp
from examples.storefront.receiver import receiver
from examples.storefront.translation import Platform
from examples.storefront.web import TryLater
from examples.storefront.write_back import StockTarget, WriteBack
from stocktrail.feeds.client import Subscription, SubscriptionLost, SubscriptionRefused


def parser_of(platform: str) -> argparse.ArgumentParser:
    """Return a parser of what both adapters are asked to do; each adds what it needs."""
    parser = argparse.ArgumentParser(
        prog=f"python -m examples.{platform}",
        description="receive: take webhooks and send commands. write-back: write salable "
        "quantities to the shop. waiting: list what waits or was refused. again N: try N again.",
    )
    parser.add_argument("do", choices=("receive", "write-back", "waiting", "again"))
    parser.add_argument("number", nargs="?", type=int, help="of a delivery, for again")
    parser.add_argument("--ledger", type=address, default="http://127.0.0.1:8000",
                        help="where it is served")
    parser.add_argument("--file", help=f"its own SQLite file, {platform}.db by default")
    parser.add_argument("--host", default="127.0.0.1", help="where webhooks are received")
    parser.add_argument("--port", type=int, default=8787, help="8787 by default")
    parser.add_argument("--pool", default="default", help="what is sold from, and written back")
    parser.add_argument("--new-items-at", metavar="SOURCE", help="source of items it tells of")
    parser.add_argument("--since", type=moment_of, metavar="MOMENT",
                        help="what occurred before was imported, and is not sent")
    parser.add_argument("--once", action="store_true", help="do what is due, and end")
    return parser


def address(text: str) -> str:
    """Return the address of a service. Raises ``ArgumentTypeError``, which a parser prints.

    >>> address("https://shop.example/")
    'https://shop.example'
    """
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as http://127.0.0.1:8000")
    return text.rstrip("/")


def secret(variable: str) -> str:
    """Return a secret from the environment; ends the program with a sentence without it."""
    value = os.environ.get(variable, "")
    if not value:
        sys.exit(f"Set {variable}: secrets are read from the environment, never from flags.")
    return value


def run(
    asked: argparse.Namespace, platform: Callable[[], Platform], secrets: Callable[[], list[str]],
    shop: Callable[[], StockTarget],
) -> int:
    """Do what was asked until interrupted; return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("uvicorn.access").disabled = True
    ledger = LedgerOverHttp(asked.ledger, os.environ.get("STOCKTRAIL_TOKEN"))
    name = asked.file or f"{platform().name}.db"
    if asked.do == "write-back":
        return _write_back(asked, ledger, shop(), name)
    inbox = Inbox(name)
    try:
        if asked.do == "receive":
            forwarder = Forwarder(platform(), inbox, ledger, asked.since)
            return _receive(asked, forwarder, inbox, platform(), secrets)
        if asked.do == "again":
            return 0 if inbox.again(asked.number or 0) else _missing(asked.number)
        for each in inbox.troubled():
            print(f"{each.number}  {each.topic}  {each.about}  {each.state}  {each.told}")
        return 0
    finally:
        inbox.close()


def _receive(
    asked: argparse.Namespace, forwarder: Forwarder, inbox: Inbox, platform: Platform,
    secrets: Callable[[], list[str]],
) -> int:
    inbox.forget()
    if asked.once:
        forwarder.forward()
        return 0
    application = receiver(platform, secrets(), inbox)
    server = uvicorn.Server(uvicorn.Config(
        application, host=asked.host, port=asked.port, log_level="warning"
    ))
    stop = Event()

    def forward() -> None:
        """Forward until the server ends; if that fails, end the server: nothing is hidden."""
        try:
            forwarder.run(stop)
        finally:
            server.should_exit = True

    forwarding = Thread(target=forward)
    forwarding.start()
    try:
        server.run()
    finally:
        stop.set()
        forwarding.join()
    return 0


def _write_back(
    asked: argparse.Namespace, ledger: LedgerClient, shop: StockTarget, name: str
) -> int:
    own = WriteBack(name, ledger, shop, asked.pool)
    token = os.environ.get("STOCKTRAIL_TOKEN")
    url, patience = f"{asked.ledger}/events", 10.0 if asked.once else None
    try:
        if own.position == 0:
            with Subscription(url, token=token, limit=1, patience_seconds=patience) as events:
                own.begin(next(events.batches()).head)
        # A short wait at the ledger, because what a busy shop did not take is due again soon.
        with Subscription(
            url, after=own.position, token=token, wait_seconds=1, patience_seconds=patience
        ) as events:
            for batch in events.batches():
                own.take(batch)
                if batch.is_caught_up:
                    left = own.write()
                    if asked.once and left is None:
                        return 0
    except (SubscriptionRefused, SubscriptionLost, TryLater) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    finally:
        own.close()
    return 0


def _missing(number: int | None) -> int:
    print(f"No delivery {number} waits: see `waiting`.", file=sys.stderr)
    return 3
