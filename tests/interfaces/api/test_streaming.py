"""A stream of commands: results come while rows are sent, in bounded memory, exactly once."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx

from tests.interfaces.api.serving import Served, json_lines, results, served

RECEIVE = {"command": "receive-stock", "sku": "WIDGET", "quantity": 1}


class Wire:
    """A connection on which a request is written, and its answer read, byte by byte."""

    def __init__(self, shop: Served, parameters: str = "", receive_bytes: int = 0) -> None:
        self._socket = socket.socket()
        if receive_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(20)
        self._socket.connect((shop.client.base_url.host, shop.client.base_url.port or 80))
        self._socket.sendall(
            f"POST /commands{parameters} HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/jsonl\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        self._file = self._socket.makefile("rb")
        self._begun = False

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def write(self, content: bytes) -> None:
        """Write a part of the body."""
        self._socket.sendall(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    def end(self) -> None:
        """Write the end of the body."""
        self._socket.sendall(b"0\r\n\r\n")

    def read_part(self) -> bytes:
        """Read the next part of the answer; nothing at its end."""
        if not self._begun:
            while self._file.readline().strip():
                self._begun = True
        size = self._file.readline()
        if not size:
            raise ConnectionError("the answer was cut")
        part = self._file.read(int(size, 16))
        self._file.readline()
        return part

    def read_results(self, count: int) -> list[dict[str, Any]]:
        """Read so many results."""
        found = b""
        while found.count(b"\n") < count:
            found += self.read_part()
        return results(found)


def test_results_come_in_the_order_of_the_rows(shop: Served) -> None:
    found = shop.stream(
        {**RECEIVE, "id": "a"}, {"command": "steal-stock", "id": "b"}, {**RECEIVE, "id": "a"},
        {"command": "ship-order", "order": "SO-404", "shipment": "S", "id": "c"},
    )
    assert [(row["line"], row["id"], row["status"]) for row in found] == [
        (1, "a", "accepted"), (2, "b", "invalid"), (3, "a", "duplicate"), (4, "c", "rejected"),
    ]


def test_a_row_is_answered_while_the_next_is_not_even_sent(shop: Served) -> None:
    with Wire(shop) as wire:
        for number in range(3):
            wire.write(json_lines({**RECEIVE, "id": f"r-{number}"}))
            [result] = wire.read_results(1)
            assert (result["id"], result["status"]) == (f"r-{number}", "accepted")
        wire.end()
        assert wire.read_part() == b""


def test_modes_groups_and_dry_runs_are_those_of_scripts(shop: Served) -> None:
    bad: dict[str, Any] = {"command": "ship-order", "order": "SO-404", "shipment": "S"}

    def statuses(*rows: dict[str, Any], **parameters: Any) -> list[str]:
        return [row["status"] for row in shop.stream(*rows, **parameters)]

    assert statuses(RECEIVE, bad, RECEIVE, mode="stop") == ["accepted", "rejected", "skipped"]
    assert statuses(RECEIVE, bad, mode="atomic", run="2") == ["group_failed", "rejected"]
    assert statuses({**RECEIVE, "group": "g"}, {**bad, "group": "g"}, run="3") == [
        "group_failed", "rejected"]
    assert statuses(RECEIVE, RECEIVE, dry_run=True, run="4") == ["accepted", "accepted"]
    assert shop.ask("/stock/WIDGET")["supply"] == 26


def test_a_row_without_an_id_counts_once_unless_the_run_is_another(shop: Served) -> None:
    assert [shop.stream(RECEIVE)[0]["status"] for _ in range(2)] == ["accepted", "duplicate"]
    assert shop.stream(RECEIVE, run="monday")[0]["status"] == "accepted"


def test_who_sends_everything_before_reading_anything_gets_every_result(shop: Served) -> None:
    rows = [{**RECEIVE, "id": f"r-{number}", "reason": "x" * 900} for number in range(4_000)]
    found = shop.stream(*rows)
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert {row["status"] for row in found} == {"accepted"}


def sent_until_nobody_reads(wire: Wire) -> int:
    """Send rows until none is taken any more; give how many were."""
    for number in range(200_000):
        try:
            wire.write(json_lines({**RECEIVE, "id": f"r-{number}", "reason": "x" * 900}))
        except (TimeoutError, ConnectionError):
            return number
    return 200_000


def test_who_never_reads_is_waited_for_and_not_read_from(database_url: str) -> None:
    with served(database_url, most_waiting_bytes=0, stalled_seconds=1.5) as shop:
        shop.accept("register-product", sku="WIDGET")
        with Wire(shop, receive_bytes=4096) as wire:
            wire._socket.settimeout(1)
            sent = sent_until_nobody_reads(wire)
            assert 0 < sent < 100_000, "what was sent is bounded by what is read"
            assert shop.client.get("/healthz").status_code == 200


def test_a_body_that_is_cut_records_no_torn_row(shop: Served) -> None:
    with Wire(shop) as wire:
        wire.write(json_lines({**RECEIVE, "id": "whole"}) + b'{"command": "receive-stock", "sku"')
        assert [row["status"] for row in wire.read_results(1)] == ["accepted"]
    assert shop.ask("/stock/WIDGET")["supply"] == 26
    assert [row["status"] for row in shop.stream({**RECEIVE, "id": "whole"})] == ["duplicate"]


def test_an_atomic_run_that_is_cut_records_nothing(shop: Served) -> None:
    with Wire(shop, "?mode=atomic") as wire:
        wire.write(json_lines({**RECEIVE, "id": "one"}, {**RECEIVE, "id": "two"}))
    assert shop.ask("/stock/WIDGET")["supply"] == 25
    assert [row["status"] for row in shop.stream({**RECEIVE, "id": "one"})] == ["accepted"]


def test_single_commands_get_their_turn_beside_a_stream(shop: Served) -> None:
    with Wire(shop) as wire:
        wire.write(json_lines({**RECEIVE, "id": "first"}))
        wire.read_results(1)
        assert shop.accept("receive-stock", sku="WIDGET", quantity=1) == 4
        wire.write(json_lines({**RECEIVE, "id": "second"}))
        assert wire.read_results(1)[0]["position"] == 5


def test_a_line_of_any_length_is_judged_in_bounded_memory(shop: Served) -> None:
    def body() -> Iterator[bytes]:
        yield b'{"command": "receive-stock", "reason": "'
        for _ in range(17):
            yield b"x" * (1 << 20)
        yield b'"}\n' + json.dumps(RECEIVE).encode() + b"\n"

    answer = shop.client.post(
        "/commands", content=body(), headers={"Content-Type": "application/jsonl"}
    )
    long, short = results(answer.content)
    assert long["errors"][0]["code"] == "too_long"
    assert short["status"] == "accepted"


def test_many_rows_have_no_common_id(shop: Served) -> None:
    answer = shop.client.post("/commands", content=json_lines(RECEIVE), headers={
        "Content-Type": "application/jsonl", "Idempotency-Key": "k"})
    assert answer.status_code == 422


def test_a_client_that_waits_for_permission_to_send_gets_it(shop: Served) -> None:
    answer = httpx.post(
        f"{shop.client.base_url}/commands", content=json_lines(RECEIVE),
        headers={"Content-Type": "application/jsonl", "Expect": "100-continue"}, timeout=10,
    )
    assert results(answer.content)[0]["status"] == "accepted"
