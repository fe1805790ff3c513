"""The server: uvicorn with the application, in one process or, on PostgreSQL, in several.

Several processes get their settings in environment variables, because each of them creates its own
application.
"""

import asyncio
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Thread
from time import sleep
from types import FrameType
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from stocktrail.feeds.stated_settings import BadSettings
from stocktrail.interfaces.api.application import create_application
from stocktrail.interfaces.service.connection import Connection, ConnectionLimits
from stocktrail.interfaces.service.logs import configure_logs
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store import StorageError

DATABASE_VARIABLE = "STOCKTRAIL_DATABASE_URL"

PARENT_POLL_SECONDS = 0.5
"""How often one of several processes checks that its parent is alive."""

MOST_FILES = 65_536
FILES_KEPT = 256
"""Open files that are reserved for the database."""

_ENDS = (signal.SIGINT, signal.SIGTERM)


def serve_one(
    settings: ServiceSettings, service: Service, listening: socket.socket,
    ready: Callable[[], None],
) -> bool:
    """Serve in this process until it is signalled, and then until every request is answered.

    Returns whether it was able to begin.
    """

    def started(service: Service) -> None:
        install_shutdown_handlers(service)
        ready()

    application = create_application(settings, lambda: service, started)
    server = uvicorn.Server(configuration(application, settings))
    server.run(sockets=[listening])
    return server.started


def serve_many(
    settings: ServiceSettings, database_url: str, listening: socket.socket, workers: int
) -> bool:
    """Serve in a number of processes until this one is signalled.

    One that dies is started again. Returns ``False`` when one was not able to begin: then all end.
    """
    os.environ[DATABASE_VARIABLE] = database_url
    os.environ |= settings.as_environment()
    config = configuration(
        "stocktrail.interfaces.api.server:application", settings, workers=workers, factory=True
    )
    supervisor = Supervisor(config, sockets=[listening])
    supervisor.run()
    return supervisor.was_signalled


class Supervisor(Multiprocess):
    """Uvicorn's supervisor, which can say afterwards whether it ended because it was told to."""

    was_signalled: bool = False

    def handle_int(self) -> None:
        """End because of an interrupt."""
        self.was_signalled = True
        super().handle_int()

    def handle_term(self) -> None:
        """End because of a request to terminate."""
        self.was_signalled = True
        super().handle_term()


def application() -> FastAPI:
    """Return the application of one of several processes.

    Whatever is wrong ends the process with the status that says so to the supervisor, which would
    start it again for ever after another one.
    """
    configure_logs()
    Thread(target=_exit_with_parent, args=(os.getppid(),), name="parent", daemon=True).start()
    try:
        with _logged():
            settings = ServiceSettings.read()
            url = os.environ[DATABASE_VARIABLE]
    except Exception as error:
        raise SystemExit(STARTUP_FAILURE) from error

    def make_service() -> Service:
        with _logged():
            return Service.opened(settings, url)

    return create_application(settings, make_service, install_shutdown_handlers)


@contextmanager
def _logged() -> Iterator[None]:
    """Log what keeps a process from beginning; of errors with a sentence of ours that, too."""
    try:
        yield
    except Exception as error:
        is_ours = isinstance(error, (BadSettings, StorageError))
        told = {"detail": str(error)} if is_ours else {}
        structlog.get_logger("serve").exception("not_served", **told)
        raise


def _exit_with_parent(parent: int) -> None:
    """End this process when its parent is gone: nothing would restart it."""
    while os.getppid() == parent:
        sleep(PARENT_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def configuration(app: Any, settings: ServiceSettings, **more: Any) -> uvicorn.Config:
    """Return uvicorn's configuration for an application, with the limits of the settings."""
    limits = ConnectionLimits(
        settings.head_seconds, settings.silent_seconds, settings.body_seconds,
        settings.stalled_seconds,
        min(settings.most_connections, max(_most_files() - FILES_KEPT, FILES_KEPT)),
    )
    return uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="on",
        timeout_graceful_shutdown=settings.shutdown_seconds, ws="none",
        http=partial(Connection, limits=limits),  # type: ignore[arg-type]
        **more,
    )


def _most_files() -> int:
    """Raise the limit of open files, sockets among them, as far as allowed, and return it."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        return wanted
    return now if now != resource.RLIM_INFINITY else MOST_FILES


def install_shutdown_handlers(service: Service) -> None:
    """Begin the shutdown of a service as soon as its process receives a signal.

    Uvicorn shuts its application down after the last request, and a stream would never end.
    """
    loop = asyncio.get_running_loop()
    for number in _ENDS:
        before = signal.getsignal(number)

        def handle(number: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(service.begin_shutdown)
            if callable(before):
                before(number, frame)

        signal.signal(number, handle)
