"""Publish the log where other programs follow it."""

import logging
from typing import Annotated

from cyclopts import App, Parameter

from stocktrail.interfaces.cli.failures import STORAGE, WENT_WRONG, Failure
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.signals import run_until_signalled
from stocktrail.interfaces.cli.subcommand_groups import subcommand_group

app: App = subcommand_group(
    "publish", "Copy the log to where other programs follow it: publish nats.",
    "Say where to publish: publish nats.",
)


@app.command
def nats(
    *,
    server: Annotated[str, Parameter(help="Such as nats://localhost:4222.")],
    stream: Annotated[str, Parameter(help="The JetStream stream; it is created if need be.")],
    prefix: Annotated[str, Parameter(help="What every subject begins with.")] = "stocktrail",
    replicas: Annotated[int, Parameter(help="How many servers keep a new stream.")] = 1,
    credentials: Annotated[
        str | None, Parameter(help="A file with the credentials of a NATS user.")
    ] = None,
    once: Annotated[
        bool, Parameter(help="End when all of the log is published.", negative=())
    ] = False,
    session: SessionArgument,
) -> int:
    """Keep a JetStream stream a gapless copy of the log, one message for each event.

    How far it has come stands in the stream itself. Several may run at once; it goes on after any
    error of the server, and ends only where somebody has to look.
    """
    from stocktrail.feeds.event_log import EventLog
    from stocktrail.feeds.nats.connection import NatsUnavailable, Server
    from stocktrail.feeds.nats.publisher import Publisher
    from stocktrail.feeds.nats.stream_end import StreamRefused

    logging.basicConfig(format="%(message)s")
    with session.open_to_read() as ledger:
        publisher = Publisher(
            EventLog(ledger), Server(server, stream, prefix, replicas, credentials)
        )
        try:
            is_whole = run_until_signalled(lambda stop: publisher.run(stop, until_idle=once))
        except StreamRefused as refused:
            raise Failure(WENT_WRONG, refused.code, refused.message) from None
        except NatsUnavailable as error:
            raise Failure(
                STORAGE, error.code, f"{error.message} {_reached(publisher.position)} It is safe "
                "to call this again.",
            ) from None
    if publisher.position is None or (once and not is_whole):
        raise Failure(
            STORAGE, "stopped", f"It was told to stop before all was published. "
            f"{_reached(publisher.position)} It is safe to call this again.",
        )
    session.answer(
        {"stream": stream, "position": publisher.position},
        lambda screen, found: screen.say(
            f"Stream {found['stream']} is a copy of the log up to position {found['position']:,}."
        ),
    )
    return 0


def _reached(position: int | None) -> str:
    if position is None:
        return "Nothing was published."
    return f"The copy has come to position {position:,}."
