"""A real PostgreSQL of the tests' own, from a wheel or from programs that are named.

Durable like a real one, because a ledger refuses a server that is not: the data lies in memory
where there is enough of it, so that being durable costs little. It never runs as root, which
PostgreSQL refuses, and it never outlives the process that started it.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg

from tests.postgres_programs import locale_words, programs

ROOM_IN_MEMORY = 2 << 30
"""Data lies in ``/dev/shm`` where so many bytes are free, else with other temporary files."""

PATIENCE_SECONDS = 60

_END_WITH_PARENT = 1                           # prctl(PR_SET_PDEATHSIG)
_C = ctypes.CDLL(None)


def end_with_parent(how: signal.Signals) -> None:
    """Let this process be sent a signal when the one that started it ends, however it ends."""
    _C.prctl(_END_WITH_PARENT, how)


class PostgresServer:
    """One server process and the folder of its data. A context manager: gone at its end.

    ``disk`` is a folder in which its data is to lie, ``log_apart`` all but its write-ahead log.
    """

    def __init__(
        self, in_memory: bool = True, disk: Path | None = None, log_apart: bool = False, /,
        **settings: str,
    ) -> None:
        self._settings = settings
        self._log_apart = log_apart
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        room = _room(in_memory)
        self.folder = Path(tempfile.mkdtemp(prefix=f"stocktrail-pg-{os.getpid()}-", dir=room))
        self._bin = self._open_to_user(programs())
        self._data = (disk or self.folder) / "data"
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            for folder in (self.folder, self._data.parent):
                os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._make_data()

    def _make_data(self) -> None:
        self._run(
            "initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--no-sync", "--wal-segsize=4", *locale_words(self._bin),
            *(["--waldir", str(self.folder / "wal")] if self._log_apart else []),
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def socket_file(self) -> Path:
        """The socket on which the server listens."""
        return self.folder / ".s.PGSQL.5432"

    def url(self, schema: str = "stocktrail", *, host: Path | None = None, **more: str) -> str:
        """Return the URL of a ledger on this server, perhaps through a socket in another folder."""
        asked = {"host": str(host or self.folder), "schema": schema, **more}
        words = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
        return f"postgresql://postgres@/postgres?{words}"

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect as the superuser, as an auditor or an intruder would."""
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        )

    def start(self, before: Callable[[], object] | None = None) -> None:
        """Start the server, and wait until it answers; its process does something ``before``."""

        def prepare() -> None:
            self._become_user()
            if before is not None:
                before()

        settings = {
            "dynamic_shared_memory_type": "mmap",   # nothing of it outlives the folder
            "listen_addresses": "", "unix_socket_directories": str(self.folder),
            "max_connections": "100", "shared_buffers": "64MB", "max_wal_size": "128MB",
            "log_min_messages": "fatal", "autovacuum_naptime": "10", **self._settings,
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._data), *words],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=prepare,
            )
        self._wait_for_answer()
        if self.ended():
            raise self._in_vain()

    def come_back(self) -> None:
        """Wait until the server has recovered, and start it again if it has given up."""
        self._wait_for_answer()
        if self.ended():
            self.start()

    def _wait_for_answer(self) -> None:
        """Wait until the server answers, or has given up."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while not self.ended():
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > limit:
                    raise self._in_vain() from None
                time.sleep(0.02)

    def _in_vain(self) -> RuntimeError:
        return RuntimeError((self.folder / "log").read_text()[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: ``SIGINT`` cuts connections, ``SIGQUIT`` is as if the power went."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def ended(self) -> bool:
        """Return whether the server has given up by itself, for good."""
        return self._process is None or self._process.poll() is not None

    def close(self) -> None:
        """Stop the server and throw its data away."""
        try:
            self.stop(signal.SIGQUIT)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------------ as another user

    def call(self, program: str, *words: str) -> None:
        """Run a program of the server, such as ``pg_dump``, as its user on its database."""
        self._run(program, "--host", str(self.folder), "--username=postgres", *words)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *words], capture_output=True, text=True, check=False,
            preexec_fn=self._become_user, timeout=PATIENCE_SECONDS,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)

    def _become_user(self) -> None:
        os.setpgid(0, 0)                      # Control-C is for the tests, not for the server
        if self._user:
            os.setgroups([])
            os.setgid(self._user.pw_gid)
            os.setuid(self._user.pw_uid)
        end_with_parent(signal.SIGQUIT)

    def _open_to_user(self, binaries: Path) -> Path:
        """Return a folder of programs that the server's user may run, a copy if need be."""
        if self._user is None or all(
            folder.stat().st_mode & 0o005 == 0o005 for folder in (binaries, *binaries.parents)
        ):
            return binaries
        copy = self.folder / "programs"
        shutil.copytree(binaries.parent, copy)
        for entry in (copy, *copy.rglob("*")):
            entry.chmod(0o755)
        return copy / binaries.name


class Standby(PostgresServer):
    """A hot standby: it takes over all that its primary writes, and can be made the primary."""

    def __init__(self, primary: PostgresServer, name: str = "standby") -> None:
        self._primary = primary
        self._name = name
        super().__init__()

    def _make_data(self) -> None:
        link = f"host={self._primary.folder} user=postgres application_name={self._name}"
        self._run(
            "pg_basebackup", "-D", str(self._data), "-d", link, "-R", "--checkpoint=fast",
            "--no-sync",
        )

    def promote(self) -> None:
        """Make it the primary, as an operator does when the old one is lost."""
        with self.connect() as connection:
            connection.execute("SELECT pg_promote(true, %s)", [PATIENCE_SECONDS])


class ServerElsewhere:
    """A server that is there already, named by a URL in the environment."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, schema: str) -> str:
        """Return the URL of a ledger on that server."""
        return f"{self._url}{'&' if '?' in self._url else '?'}schema={schema}"

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect as the user of the URL."""
        return psycopg.connect(self._url, autocommit=True)

    def close(self) -> None:
        """Leave it as it is."""


def new_schema(name: str = "test") -> str:
    """Name a schema that no other test uses."""
    return f"{name}_{uuid.uuid4().hex[:12]}"


def replace_schema(server: PostgresServer | ServerElsewhere, schema: str, by: str) -> None:
    """Put another schema in the place of one, as somebody does who restores a backup."""
    drop_schema(server, schema)
    with server.connect() as connection:
        connection.execute(f'ALTER SCHEMA "{by}" RENAME TO "{schema}"'.encode())


def drop_schema(server: PostgresServer | ServerElsewhere, schema: str) -> None:
    """Drop a schema and all that is in it, whoever still looks at it."""
    with server.connect() as connection:
        connection.execute("SET lock_timeout = '5s'")
        try:
            connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        except psycopg.errors.LockNotAvailable:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND application_name LIKE %s", [f"%{schema}%"],
            )
            connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def _room(in_memory: bool) -> str:
    """Choose where data lies, and clear what tests that were killed have left there."""
    memory = Path("/dev/shm")
    with contextlib.suppress(OSError):
        for left in list(memory.glob("stocktrail-pg-*")):
            owner = left.name.split("-")[2]
            if not Path(f"/proc/{owner}").exists():
                shutil.rmtree(left, ignore_errors=True)
        has_room = shutil.disk_usage(memory).free > ROOM_IN_MEMORY
        if in_memory and has_room and os.access(memory, os.W_OK):
            return str(memory)
    return tempfile.gettempdir()
