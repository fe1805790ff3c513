"""Streamed submission: JSON Lines of commands come in while their results go out.

Rows are read, recorded and answered chunk by chunk in a thread. When the database is slower than
the client, the body is read no faster than it is recorded; when the client reads its results slower
than they come, they are kept for it up to a limit, and then nothing more is read.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stocktrail.commands.scripts.reading import Row, read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import Mode
from stocktrail.interfaces.api.spooled_response import ResponseAbandoned, SpooledResponse
from stocktrail.interfaces.service.access import reauthorize
from stocktrail.interfaces.service.concurrency_limits import client_of
from stocktrail.interfaces.service.problems import EXPECTED, Problem, problem_of
from stocktrail.interfaces.service.service import Service

MEDIA_TYPE = "application/jsonl"


class StreamEnded(Exception):
    """The client has disconnected, or the service is shutting down."""


class Body:
    """The body of a request as a stream of bytes for a thread to read from.

    After each chunk the sender is authorized again. Reading raises a problem when that fails, and
    when nothing comes for too long.
    """

    def __init__(self, service: Service, request: Request, receive: Receive) -> None:
        self._service = service
        self._request = request
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._more = True

    def read1(self, _: int) -> bytes:
        """Return the next bytes once they have come, ``b""`` at the end of the body."""
        return asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()

    async def _next(self) -> bytes:
        while self._more:
            received = asyncio.ensure_future(self._receive())
            closing = asyncio.ensure_future(self._service.closing.wait())
            done, _ = await asyncio.wait(
                (received, closing), timeout=self._service.settings.silent_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            closing.cancel()
            if received not in done:
                received.cancel()
                self._more = False
                if done:
                    raise StreamEnded
                raise _stalled(self._service)
            message = received.result()
            if message["type"] == "http.disconnect":
                raise StreamEnded
            self._more = message.get("more_body", False)
            await reauthorize(self._request)
            if message.get("body"):
                return cast(bytes, message["body"])
        return b""


def _stalled(service: Service) -> Problem:
    return Problem(
        408, "stalled", f"Nothing came for {service.settings.silent_seconds:g} seconds. What has "
        "no result was not recorded; send everything again.", headers={"Connection": "close"},
    )


class StreamedSubmission(Response):
    """A response that submits the JSON Lines of its request, and holds a result a line.

    Rows with commands that are ``withheld`` from the token of the sender are invalid.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self, service: Service, *, mode: Mode, run: str | None, dry_run: bool,
        credential: str | None, withheld: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(None, media_type=MEDIA_TYPE)
        del self.headers["content-length"]
        self._service = service
        self._mode = mode
        self._run = run
        self._dry_run = dry_run
        self._credential = credential
        self._withheld = withheld

    def _allowed(self, row: Row) -> Row:
        if row.name not in self._withheld:
            return row
        return row._replace(command=None, errors=({
            "pointer": "/command", "code": "scope_missing",
            "message": f"{row.name} takes a token with the scope admin.",
        },))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, record and respond until the body ends."""
        scope["state"]["is_stream"] = True
        request = Request(scope)
        with self._service.uploads.slot(client_of(request)):
            await self._answer(Body(self._service, request, receive), scope, receive, send)

    async def _answer(self, body: Body, scope: Scope, receive: Receive, send: Send) -> None:
        settings = self._service.settings
        response = SpooledResponse(settings.most_waiting_bytes)
        tally: Counter[str] = Counter()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(
            self._service.upload_threads, self._submit, body, response, tally
        )
        begun = False
        try:
            async for lines in response.chunks():
                if not begun:
                    begun = True
                    await self._begin(send)
                async with asyncio.timeout(settings.stalled_seconds):
                    await send({"type": "http.response.body", "body": lines, "more_body": True})
        except TimeoutError:
            scope["state"]["problem"] = "stalled"
        finally:
            response.abandon()
        try:
            await self._finish(work, scope, receive, send, begun=begun)
        finally:
            scope["state"]["result"] = dict(tally)

    async def _begin(self, send: Send) -> None:
        await send({
            "type": "http.response.start", "status": 200, "headers": self.raw_headers,
        })

    async def _finish(
        self, work: "asyncio.Future[None]", scope: Scope, receive: Receive, send: Send, *,
        begun: bool,
    ) -> None:
        try:
            await work
        except (StreamEnded, ResponseAbandoned):
            # An answer that is not finished tells the client that its body was not either.
            return
        except Exception as error:
            if not begun:
                raise                    # the middleware answers it, as anywhere else
            problem = problem_of(error)
            scope["state"]["problem"] = problem.code
            line = orjson.dumps(problem.as_json()) + b"\n"
            await send({"type": "http.response.body", "body": line, "more_body": True})
            if isinstance(error, EXPECTED):
                return
            raise
        if not begun:
            await self._begin(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _submit(
        self, body: Body, response: SpooledResponse, tally: "Counter[str]"
    ) -> None:
        results: list[Result] = []

        def answer(results: list[Result]) -> None:
            if not results:
                return
            tally.update(result.status for result in results)
            for result in results:
                self._service.metrics.command(
                    result.command, result.status, dry_run=self._dry_run
                )
            lines = b"".join(each.to_json() + b"\n" for each in results)
            results.clear()
            response.write(lines)

        def rows() -> Iterator[Sequence[Row]]:
            for chunk in read_json_lines(cast(BinaryIO, body), run=self._run):
                yield [self._allowed(row) for row in chunk] if self._withheld else chunk
                answer(results)     # before waiting for more

        try:
            for result in self._service.submitter.submit_rows(
                rows(), mode=self._mode, dry_run=self._dry_run, credential=self._credential
            ):
                results.append(result)
        finally:
            try:
                answer(results)
            finally:
                response.close()

