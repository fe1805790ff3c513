"""A terminal to type ``stocktrail`` into: in this process for speed, or in one of its own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

from stocktrail.interfaces.cli import main

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90.0


class Answer(NamedTuple):
    """What came back: the exit status, and what was written where."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """What was written to stdout, however wide the lines were."""
        return " ".join(self.out.split())

    @property
    def json(self) -> Any:
        """What was written to stdout, as one JSON value."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[Any]:
        """What was written to stdout, as a JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Terminal:
    """Types into the command line, always about the same database."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.url = f"sqlite:///{database}"

    def type(self, *words: str, stdin: bytes = b"") -> Answer:
        """Run a subcommand in this process."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        typed = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        with redirect_stdout(out), redirect_stderr(err), typing_in(typed):
            status = main([*words, "--database", self.url])
        return Answer(status, written_to(out), written_to(err))

    def ask(self, *words: str) -> Any:
        """Ask a question with ``--json`` and give the answer."""
        answer = self.type(*words, "--json")
        assert answer.status == 0, answer.err
        return answer.json

    def submit(self, *commands: dict[str, Any], flags: tuple[str, ...] = ()) -> Answer:
        """Submit commands as a script from standard input, with ``--json``."""
        script = "".join(json.dumps(command) + "\n" for command in commands)
        return self.type("submit", "-", "--json", *flags, stdin=script.encode())

    def run(
        self, *words: str, stdin: bytes = b"", environment: dict[str, str] | None = None
    ) -> Answer:
        """Run a subcommand in a process of its own, as a shell would."""
        ended = subprocess.run(
            [sys.executable, "-m", "stocktrail", *words, "--database", self.url],
            input=stdin, capture_output=True, cwd=self.database.parent, timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        )
        return Answer(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@contextmanager
def with_patience(process: "subprocess.Popen[Any]") -> Iterator[None]:
    """Kill a process at the end, or after a while: nobody waits for ever for what it says."""
    end = Timer(PATIENCE_SECONDS, process.kill)
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()
        process.kill()


@contextmanager
def typing_in(stream: io.TextIOWrapper) -> Iterator[None]:
    """Let standard input be this stream for a while."""
    before, sys.stdin = sys.stdin, stream
    try:
        yield
    finally:
        sys.stdin = before


def written_to(stream: io.TextIOWrapper) -> str:
    """Return what was written to a stream in memory."""
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
